import { statSync } from "node:fs";
import { join } from "node:path";
import { e2e } from "../harness.ts";
import { example } from "./example.ts";
import { namespace } from "./needs.ts";

e2e(
  "volume: whose the files are",
  async (t, box) => {
    const c = await example(box, "volume");
    const { uid, gid } = statSync(join(c.bundle, "data", "note"));
    const { code, stdout, stderr } = await c.run();
    const expected = `/tmp/plain/note belongs to 65534:65534\n/tmp/mapped/note belongs to ${uid}:${gid}\n`;
    t.strictSame({ code, stdout, stderr }, { code: 0, stdout: expected, stderr: "" });
  },
  { skip: namespace("user") },
);
