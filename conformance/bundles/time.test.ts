import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { e2e, namespaceOf } from "../harness.ts";
import { PROJECT } from "../rootfs.ts";
import { example } from "./example.ts";
import { all, namespace } from "./needs.ts";

/** Seconds that config.json takes off the clock. */
const OFFSET = 60;

const uptime = () => Number.parseFloat(readFileSync("/proc/uptime", "utf8"));
const said = (stdout: string) => Number(/up for (\S+) seconds/.exec(stdout)?.[1]);
const skip = all(namespace("time"), uptime() < OFFSET && `needs a host that has been up for ${OFFSET} seconds`);

e2e(
  "time: the container has been up for a minute less than the host",
  async (t, box) => {
    const c = await example(box, "time");
    const before = uptime() - OFFSET;
    const { code, stdout, stderr } = await c.run();
    t.strictSame([code, stderr], [0, ""]);
    t.ok(said(stdout) >= before && said(stdout) <= uptime() - OFFSET, `${stdout.trim()}: from ${before} on`);
  },
  { skip },
);

e2e(
  "time: a container whose uptime starts at zero",
  async (t, box) => {
    const { stdout: config } = await execa(join(PROJECT, "bundles/time/from-zero"));
    writeFileSync(box.path("zero.json"), config);
    const c = await example(box, "time");
    // The last --config counts.
    const { code, stdout, stderr } = await c.run(["--config", box.path("zero.json")]);
    t.strictSame([code, stderr], [0, ""]);
    t.ok(said(stdout) >= 0 && said(stdout) < 10, stdout.trim());
  },
  { skip },
);

e2e(
  "time: the container is in a time namespace of its own",
  async (t, box) => {
    const c = await example(box, "time");
    await c.create();
    t.not(namespaceOf(await c.pid(), "time"), namespaceOf("self", "time"));
  },
  { skip },
);
