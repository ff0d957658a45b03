/** docker run: output, terminals, what runs and as whom. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Check } from "../../harness/checks.ts";
import { COUNT, counts } from "../../harness/standard-input.ts";
import { hasTerminal, interrupts } from "../../harness/terminal.ts";
import type { Docker } from "../caller.ts";

export const RUN: readonly Check<Docker>[] = [
  {
    name: "run: output, errors and exit status",
    body: async (docker) => {
      const outcome = await docker.run([], ["sh", "-c", "echo out; echo err >&2; exit 7"]);
      assert.deepEqual(outcome, { code: 7, stdout: "out\n", stderr: "err\n" });
    },
  },
  {
    name: "run -d: it is this runtime that runs it",
    body: async (docker) => {
      const name = await docker.background();
      const pid = await docker.pid(name);
      const { status, pid: known } = (await docker.state(name)) ?? {};
      assert.deepEqual([status, known], ["running", pid]);
      assert.equal(readFileSync(`/proc/${pid}/cmdline`, "utf8"), "sleep\x001000\0");
    },
  },
  {
    name: "run -i --rm: standard input to its end, and nothing is left",
    body: async (docker) => {
      await counts(docker.dialogue(docker.making(["-i", "--rm"], COUNT)));
      assert.equal(await docker.ok(["ps", "--all", "--quiet"]), "");
    },
  },
  {
    name: "run -it: size, typing, Ctrl-C and exit status",
    body: async (docker) => {
      const terminal = await docker.terminal(docker.making(["-it"], ["sh"]));
      await hasTerminal(terminal);
      await interrupts(terminal);
      terminal.type("exit 9\n");
      assert.equal(await terminal.ended(), 9);
    },
  },
  {
    name: "run -dit, attach: typing and exit status",
    body: async (docker) => {
      const name = await docker.background(["-it"], ["sh"]);
      const terminal = await docker.terminal(["attach", name]);
      await hasTerminal(terminal);
      terminal.type("exit 3\n");
      await terminal.ended();
      assert.equal(await docker.wait(name), 3);
    },
  },
  {
    name: "run -t --user: the terminal is the user's",
    body: async (docker) => {
      const script = "stat -c %u $(tty); echo x >$(tty)";
      const { code, stdout } = await docker.run(["--rm", "-t", "--user", "1000:1000"], ["sh", "-c", script]);
      assert.deepEqual({ code, stdout }, { code: 0, stdout: "1000\r\nx\r\n" });
    },
  },
  {
    name: "run --user --group-add, -w, -e, --hostname, --entrypoint",
    body: async (docker) => {
      const flags = [
        "--user",
        "1000:1001",
        "--group-add",
        "77",
        "-w",
        "/srv/new",
        "-e",
        "WORD=x y",
        "--hostname",
        "box",
      ];
      const script = 'id -u; id -G; pwd; echo "$WORD"; hostname; cat /etc/hostname';
      assert.equal(await docker.output(flags, script), "1000\n1001 77\n/srv/new\nx y\nbox\nbox\n");
      const entrypoint = docker.making(["--rm", "--entrypoint", "/bin/echo"], ["one", "two"]);
      assert.equal(await docker.ok(entrypoint), "one two\n");
    },
  },
  {
    name: "run --init: the program is not the first process, which reaps",
    body: async (docker) => {
      const name = await docker.background(["--init"], ["sh", "-c", "(sleep 0.1 &); echo $$; exec sleep 1000"]);
      await docker.prints(["logs", name], /^[^1]\d*$/m);
      const first = readFileSync(`/proc/${await docker.pid(name)}/cmdline`, "utf8").split("\0")[0];
      assert.equal(first, "/sbin/docker-init");
      await docker.prints(["exec", name, "sh", "-c", "ps -o comm | grep -c sleep"], /^1$/m);
      await docker.ok(["stop", name]);
      assert.equal(await docker.inspect(name, "{{.State.ExitCode}}"), "143");
    },
  },
  {
    name: "run: many at the same time",
    body: async (docker) => {
      const runs = Array.from({ length: 8 }, () => docker.run(["--rm"], ["sh", "-c", "echo out; exit 7"]));
      for (const outcome of await Promise.all(runs))
        assert.deepEqual(outcome, { code: 7, stdout: "out\n", stderr: "" });
    },
  },
];
