import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cgroupOf, e2e, succeeded } from "../harness.ts";
import { example } from "./example.ts";
import { controller } from "./needs.ts";

const LIMIT = 10_485_760;
const skip = controller("memory");

e2e(
  "memory-limit: a program that takes more is killed, and tsoci says so",
  async (t, box) => {
    const c = await example(box, "memory-limit");
    const { code, stdout, stderr } = await c.run();
    t.equal(code, 128 + 9);
    t.equal(stdout, "");
    t.match(stderr, /^tsoci: warning: [^\n]*out of memory[^\n]*\/linux\/resources\/memory\/limit[^\n]*\n$/);
  },
  { skip },
);

e2e(
  "memory-limit: a program that takes less is not",
  async (t, box) => {
    const args = ["dd", "if=/dev/zero", "of=/dev/null", "bs=1M", "count=1"];
    const c = await example(box, "memory-limit", { process: { args } });
    succeeded(t, await c.create(), "create");
    t.equal(limitOf(await c.pid()), LIMIT, "the kernel has the limit");
    succeeded(t, await c.start(), "start");
    await c.waitFor("stopped");
    succeeded(t, await c.delete(), "delete");
  },
  { skip },
);

/** The limit of a process's cgroup, on v1 or on v2. */
function limitOf(pid: number): number {
  for (const [name, file] of [
    ["memory", "memory.limit_in_bytes"],
    ["", "memory.max"],
  ] as const) {
    try {
      return Number(readFileSync(join(cgroupOf(pid, name), file), "utf8"));
    } catch {
      // The other version has it.
    }
  }
  return Number.NaN;
}
