/** docker exec. */
import assert from "node:assert/strict";
import { UNIFIED } from "../../harness/cgroups.ts";
import type { Check } from "../../harness/checks.ts";
import { cgroupOf, namespaceOf, statusField, until } from "../../harness/host.ts";
import { COUNT, counts } from "../../harness/standard-input.ts";
import { hasTerminal, interrupts } from "../../harness/terminal.ts";
import type { Docker } from "../caller.ts";
import { ALL, capabilities, STATUS } from "../capabilities.ts";

const NAMESPACES = ["pid", "mnt", "net", "ipc", "uts"];

export const EXEC: readonly Check<Docker>[] = [
  {
    name: "exec: output, errors and exit status",
    body: async (docker) => {
      const name = await docker.background();
      const outcome = await docker.docker(["exec", name, "sh", "-c", "echo out; echo err >&2; exit 5"]);
      assert.deepEqual(outcome, { code: 5, stdout: "out\n", stderr: "err\n" });
    },
  },
  {
    name: "exec -i: standard input to its end",
    body: async (docker) => {
      await counts(docker.dialogue(["exec", "-i", await docker.background(), ...COUNT]));
    },
  },
  {
    name: "exec -it: size, typing, Ctrl-C and exit status",
    body: async (docker) => {
      const terminal = await docker.terminal(["exec", "-it", await docker.background(), "sh"]);
      await hasTerminal(terminal);
      await interrupts(terminal);
      terminal.type("exit 6\n");
      assert.equal(await terminal.ended(), 6);
    },
  },
  {
    name: "exec --user -w -e",
    body: async (docker) => {
      const name = await docker.background(["-e", "FIRST=1"]);
      const flags = ["--user", "1000:1001", "-w", "/srv", "-e", "SECOND=2"];
      const script = 'id -u; id -g; pwd; echo "$FIRST $SECOND"';
      assert.equal(await docker.ok(["exec", ...flags, name, "sh", "-c", script]), "1000\n1001\n/srv\n1 2\n");
    },
  },
  {
    name: "exec -d, top: in the container's namespaces and cgroup",
    body: async (docker) => {
      const name = await docker.background();
      const first = await docker.pid(name);
      await docker.ok(["exec", "-d", name, "sleep", "999"]);
      const others = async () => {
        const lines = (await docker.ok(["top", name, "-eo", "pid,comm"])).trim().split("\n").slice(1);
        return lines.map((line) => Number(line.trim().split(/\s+/)[0])).filter((pid) => pid !== first);
      };
      const [other = 0, ...rest] = await others();
      assert.deepEqual(rest, []);
      for (const kind of NAMESPACES) assert.equal(namespaceOf(other, kind), namespaceOf(first, kind));
      const controller = UNIFIED ? "" : "memory";
      assert.equal(cgroupOf(other, controller), cgroupOf(first, controller));
      process.kill(other, "SIGKILL");
      await until("the process is reaped", () => statusField(other, "State") === undefined);
      assert.deepEqual(await others(), []);
    },
  },
  {
    name: "exec --privileged: all capabilities, in a container that has few",
    body: async (docker) => {
      const name = await docker.background(["--cap-drop", "all"]);
      const effective = async (...flags: string[]) =>
        capabilities(await docker.ok(["exec", ...flags, name, "sh", "-c", STATUS]), "Eff");
      assert.equal(await effective(), 0n);
      assert.equal((await effective("--privileged")) & ALL, ALL);
    },
  },
  {
    name: "exec: many at the same time",
    body: async (docker) => {
      const name = await docker.background();
      const execs = Array.from({ length: 8 }, () => docker.docker(["exec", name, "sh", "-c", "echo out; exit 7"]));
      for (const outcome of await Promise.all(execs))
        assert.deepEqual(outcome, { code: 7, stdout: "out\n", stderr: "" });
    },
  },
];
