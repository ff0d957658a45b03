/** ctr run: output, terminals, statuses and errors. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Check } from "../../harness/checks.ts";
import { COUNT, counts } from "../../harness/standard-input.ts";
import { hasTerminal, interrupts } from "../../harness/terminal.ts";
import { type Containerd, IMAGE } from "../caller.ts";

/** Commands that can't be started, and what the runtime says about them. */
const BROKEN: readonly { readonly what: string; readonly command: string; readonly message: string }[] = [
  {
    what: "a missing command",
    command: "nonexistent",
    message: 'exec: "nonexistent": executable file not found in $PATH',
  },
  {
    what: "a missing path",
    command: "/nonexistent",
    message: 'exec: "/nonexistent": stat /nonexistent: no such file or directory',
  },
  { what: "a file that is no program", command: "/etc/passwd", message: 'exec: "/etc/passwd": permission denied' },
  { what: "a directory", command: "/etc", message: 'exec: "/etc": is a directory' },
];

export const RUN: readonly Check<Containerd>[] = [
  {
    name: "run: output, errors and exit status",
    body: async (caller) => {
      const outcome = await caller.run([], caller.unique(), ["sh", "-c", "echo out; echo err >&2; exit 7"]);
      assert.deepEqual(outcome, { code: 7, stdout: "out\n", stderr: "err\n" });
    },
  },
  {
    name: "run --rm: standard input to its end, and nothing is left",
    body: async (caller) => {
      const flags = ["run", "--runc-binary", caller.runtime, "--rm", IMAGE, caller.unique()];
      await counts(caller.dialogue([...flags, ...COUNT]));
      assert.equal(await caller.ok(["containers", "ls", "--quiet"]), "");
    },
  },
  {
    name: "run --detach --pid-file: the container's process",
    body: async (caller) => {
      const id = await caller.background(["--pid-file", caller.path("pid")]);
      const pid = await caller.pid(id);
      assert.equal(Number(readFileSync(caller.path("pid"), "utf8")), pid);
      assert.equal(readFileSync(`/proc/${pid}/cmdline`, "utf8"), "sleep\x001000\0");
      assert.equal(await caller.status(id), "RUNNING");
    },
  },
  {
    name: "run --tty: size, typing, Ctrl-C and exit status",
    body: async (caller) => {
      const flags = ["run", "--runc-binary", caller.runtime, "--tty", IMAGE, caller.unique()];
      const terminal = await caller.terminal([...flags, "sh"]);
      await hasTerminal(terminal);
      await interrupts(terminal);
      terminal.type("exit 9\n");
      assert.equal(await terminal.ended(), 9);
    },
  },
  {
    name: "run: many at the same time, all with the same parent of cgroups",
    body: async (caller) => {
      for (let round = 0; round < 3; round++) {
        const runs = Array.from({ length: 12 }, () =>
          caller.run(["--rm"], caller.unique(), ["sh", "-c", "echo out; exit 7"]),
        );
        for (const outcome of await Promise.all(runs))
          assert.deepEqual(outcome, { code: 7, stdout: "out\n", stderr: "" });
      }
    },
  },
  {
    name: "run --null-io: a program that prints succeeds",
    body: async (caller) => {
      const script = "echo out && echo err >&2 && exit 4";
      const outcome = await caller.run(["--null-io"], caller.unique(), ["sh", "-c", script]);
      assert.deepEqual(outcome, { code: 4, stdout: "", stderr: "" });
    },
  },
  {
    name: "run --detach --tty, tasks attach: typing and exit status",
    body: async (caller) => {
      const id = caller.unique();
      // ctr wants to be at a terminal itself.
      const run = ["run", "--runc-binary", caller.runtime, "--detach", "--tty", IMAGE, id, "sh"];
      assert.equal(await (await caller.terminal(run)).ended(), 0);
      const terminal = await caller.terminal(["tasks", "attach", id]);
      await hasTerminal(terminal);
      terminal.type("exit 3\n");
      assert.equal(await terminal.ended(), 3);
    },
  },
  {
    name: "run with runc on PATH being tsoci: no flag at all",
    body: async (caller) => {
      const id = caller.unique();
      await caller.ok(["run", "--detach", IMAGE, id, "sleep", "1000"]);
      const { status, pid } = (await caller.state(id)) ?? {};
      assert.deepEqual([status, pid], ["running", await caller.pid(id)]);
    },
  },
  ...BROKEN.map(
    ({ what, command, message }): Check<Containerd> => ({
      name: `run ${what}: the error of the runtime`,
      body: async (caller) => {
        const { code, stderr } = await caller.run([], caller.unique(), [command]);
        assert.equal(code, 1);
        assert.ok(stderr.includes("OCI runtime create failed: ") && stderr.includes(message), stderr);
        assert.doesNotMatch(stderr, /unable to retrieve|exit status/);
      },
    }),
  ),
];
