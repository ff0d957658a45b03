/** The exit status when a command can't run: 125 for Docker's own failures, 126 and 127 as shells have it. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "../../harness/checks.ts";
import type { Docker } from "../caller.ts";

/** Commands that can't run, with what comes of the runtime's message. */
const COMMANDS: readonly {
  readonly what: string;
  readonly command: string;
  readonly code: number;
  readonly says: RegExp;
}[] = [
  {
    what: "missing on PATH",
    command: "nope",
    code: 127,
    says: /exec: "nope": executable file not found in \$PATH/,
  },
  { what: "missing", command: "/nope", code: 127, says: /exec: "\/nope": stat \/nope: no such file or directory/ },
  { what: "not executable", command: "/etc/passwd", code: 126, says: /exec: "\/etc\/passwd": permission denied/ },
  { what: "a directory", command: "/etc", code: 126, says: /exec: "\/etc": .*permission denied/ },
];

const FROM_RUN: readonly Check<Docker>[] = COMMANDS.flatMap(({ what, command, code, says }) => [
  {
    name: `run: ${code} for a command that is ${what}`,
    body: async (docker) => {
      const outcome = await docker.run([], [command]);
      assert.match(outcome.stderr, says);
      assert.match(outcome.stderr, /OCI runtime create failed: /);
      assert.equal(outcome.code, code, outcome.stderr);
    },
  },
  {
    name: `exec of a command that is ${what}`,
    body: async (docker) => {
      const name = await docker.background();
      const { code: found, stdout, stderr } = await docker.docker(["exec", name, command]);
      assert.match(stdout + stderr, says);
      // Old versions of Docker say 126 of all of them.
      assert.ok(found === code || found === 126, `${found}`);
      assert.equal(await docker.ok(["exec", name, "echo", "still here"]), "still here\n");
    },
  },
]);

export const EXIT_CODES: readonly Check<Docker>[] = [
  ...FROM_RUN,
  {
    name: "create, start: the reason, and the exit status that inspect shows",
    body: async (docker) => {
      const name = docker.unique();
      await docker.ok(docker.making(["--name", name], ["nope"], "create"));
      const { code, stderr } = await docker.docker(["start", name]);
      assert.equal(code, 1);
      assert.match(stderr, /executable file not found in \$PATH/);
      assert.equal(await docker.inspect(name, "{{.State.Status}} {{.State.ExitCode}}"), "created 127");
      assert.match(await docker.inspect(name, "{{.State.Error}}"), /executable file not found in \$PATH/);
    },
  },
  {
    name: "run: a script whose shell is missing, and a file of no format",
    body: async (docker) => {
      const directory = docker.directory();
      writeFileSync(join(directory, "no-shell"), "#!/nope\n", { mode: 0o755 });
      writeFileSync(join(directory, "no-format"), "\u0001\u0002\n", { mode: 0o755 });
      const flags = ["-v", `${directory}:/v`];
      const shell = await docker.run(flags, ["/v/no-shell"]);
      assert.match(shell.stderr, /no such file or directory/i);
      assert.notEqual(shell.code, 0);
      const format = await docker.run(flags, ["/v/no-format"]);
      assert.match(format.stderr, /exec format error/i);
      assert.notEqual(format.code, 0);
    },
  },
  {
    name: "run -w: a path that is no directory",
    body: async (docker) => {
      const { code, stderr } = await docker.run(["-w", "/etc/passwd"], ["true"]);
      assert.match(stderr, /not a directory/i);
      assert.ok(code === 125 || code === 127, `${code}`);
    },
  },
  {
    name: "run -v: a file on a directory",
    body: async (docker) => {
      const file = join(docker.directory(), "file");
      writeFileSync(file, "");
      const { code, stderr } = await docker.run(["-v", `${file}:/etc`], ["true"]);
      assert.match(stderr, /: not a directory .*: unknown: Are you trying to mount a directory onto a file/);
      assert.equal(code, 125);
    },
  },
  {
    name: "run: 125 for a flag and a limit that the daemon or the runtime refuses",
    body: async (docker) => {
      assert.equal((await docker.run(["--nope"], ["true"])).code, 125);
      const { code, stderr } = await docker.run(["--sysctl", "kernel.msgmax=nonsense"], ["true"]);
      assert.match(stderr, /OCI runtime create failed: .*msgmax.*invalid argument/);
      assert.equal(code, 125);
    },
  },
  {
    name: "run --runtime: 125 for one that dockerd does not know",
    body: async (docker) => {
      const { code, stderr } = await docker.docker(["run", "--runtime", "nope", "busybox:tsoci", "true"]);
      assert.equal(code, 125);
      assert.match(stderr, /unknown (or invalid )?runtime (name: |specified )nope/i);
    },
  },
];
