/** ctr tasks exec. */
import assert from "node:assert/strict";
import type { Check } from "../../harness/checks.ts";
import { namespaceOf, statusField, until } from "../../harness/host.ts";
import { COUNT, counts } from "../../harness/standard-input.ts";
import { hasTerminal } from "../../harness/terminal.ts";
import type { Containerd } from "../caller.ts";

const exec = (caller: Containerd, flags: readonly string[], id: string, command: readonly string[]) =>
  ["tasks", "exec", "--exec-id", caller.unique(), ...flags, id, ...command] as const;

export const EXEC: readonly Check<Containerd>[] = [
  {
    name: "tasks exec: output, errors and exit status",
    body: async (caller) => {
      const id = await caller.background();
      const outcome = await caller.ctr(exec(caller, [], id, ["sh", "-c", "echo out; echo err >&2; exit 5"]));
      assert.deepEqual(outcome, { code: 5, stdout: "out\n", stderr: "err\n" });
    },
  },
  {
    name: "tasks exec: standard input",
    body: async (caller) => {
      const id = await caller.background();
      await counts(caller.dialogue(exec(caller, [], id, COUNT)));
    },
  },
  {
    name: "tasks exec --tty: size, typing and exit status",
    body: async (caller) => {
      const id = await caller.background();
      const terminal = await caller.terminal(exec(caller, ["--tty"], id, ["sh"]));
      await hasTerminal(terminal);
      terminal.type("exit 6\n");
      assert.equal(await terminal.ended(), 6);
    },
  },
  {
    name: "tasks exec --user --cwd",
    body: async (caller) => {
      const id = await caller.background();
      const text = await caller.ok(exec(caller, ["--user", "1000", "--cwd", "/srv"], id, ["sh", "-c", "id -u; pwd"]));
      assert.equal(text, "1000\n/srv\n");
    },
  },
  {
    name: "tasks exec --detach, tasks ps: in the container's namespaces",
    body: async (caller) => {
      const id = await caller.background();
      await caller.ok(exec(caller, ["--detach"], id, ["sleep", "999"]));
      const pid = await caller.pid(id);
      const others = async () => {
        const lines = (await caller.ok(["tasks", "ps", id])).trim().split("\n").slice(1);
        return lines.map((line) => Number(line.split(/\s+/)[0])).filter((other) => other !== pid);
      };
      const [other = 0, ...rest] = await others();
      assert.deepEqual(rest, []);
      for (const kind of ["pid", "mnt", "net", "ipc", "uts"])
        assert.equal(namespaceOf(other, kind), namespaceOf(pid, kind));
      // The end is noticed by the shim, whose child it is.
      process.kill(other, "SIGKILL");
      await until("the process is reaped", () => statusField(other, "State") === undefined);
      assert.deepEqual(await others(), []);
    },
  },
  {
    name: "tasks exec of a missing command: the error of the runtime, and the container goes on",
    body: async (caller) => {
      const id = await caller.background();
      const { code, stderr } = await caller.ctr(exec(caller, [], id, ["nonexistent"]));
      assert.equal(code, 1);
      assert.match(stderr, /OCI runtime exec failed: .*exec: "nonexistent": executable file not found in \$PATH/);
      assert.equal(await caller.ok(exec(caller, [], id, ["echo", "still here"])), "still here\n");
    },
  },
];
