/** The exit status when a command can't run: 125 for Podman's own failures, 126 and 127 as shells have it. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { IMAGE } from "../caller.ts";
import type { Check } from "../verdict.ts";

/** Commands that can't run, with what Podman makes of the runtime's message. */
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
    says: /"nope": executable file not found in \$PATH.*that was not found/,
  },
  { what: "missing", command: "/nope", code: 127, says: /"\/nope".*no such file or directory.*that was not found/i },
  {
    what: "not executable",
    command: "/etc/passwd",
    code: 126,
    says: /"\/etc\/passwd".*permission denied.*: OCI permission denied/,
  },
  { what: "a directory", command: "/etc", code: 126, says: /permission denied/i },
];

const FROM_RUN: readonly Check[] = COMMANDS.flatMap(({ what, command, code, says }) => [
  {
    name: `run: ${code} for a command that is ${what}`,
    body: async (podman) => {
      const outcome = await podman.run([], [command]);
      assert.equal(outcome.code, code, outcome.stderr);
      assert.match(outcome.stderr, says);
    },
  },
  {
    name: `exec: ${code} for a command that is ${what}`,
    body: async (podman) => {
      const outcome = await podman.podman(["exec", await podman.background(), command]);
      assert.equal(outcome.code, code, outcome.stderr);
      assert.match(outcome.stderr, says);
    },
  },
]);

export const EXIT_CODES: readonly Check[] = [
  ...FROM_RUN,
  {
    name: "run: 126 for a script whose shell is missing, and a file of no format",
    body: async (podman) => {
      const directory = podman.directory();
      writeFileSync(join(directory, "no-shell"), "#!/nope\n", { mode: 0o755 });
      writeFileSync(join(directory, "no-format"), "\u0001\u0002\n", { mode: 0o755 });
      const flags = ["-v", `${directory}:/v`];
      const shell = await podman.run(flags, ["/v/no-shell"]);
      assert.match(shell.stderr, /no such file or directory/i);
      assert.equal(shell.code, 126, shell.stderr);
      const format = await podman.run(flags, ["/v/no-format"]);
      assert.match(format.stderr, /exec format error/i);
      assert.equal(format.code, 126, format.stderr);
    },
  },
  {
    name: "create, start: 125, and the reason",
    body: async (podman) => {
      const name = podman.name();
      await podman.ok(["create", "--name", name, ...podman.flags(), IMAGE, "nope"]);
      for (const flags of [[], ["--attach"]]) {
        const { code, stderr } = await podman.podman(["start", ...flags, name]);
        assert.equal(code, 125);
        assert.match(stderr, /executable file not found in \$PATH/);
      }
    },
  },
  {
    name: "run -w: a directory that can't be entered",
    body: async (podman) => {
      const { code, stderr } = await podman.run(["-w", "/etc/passwd"], ["true"]);
      assert.match(stderr, /not a directory/i);
      assert.notEqual(code, 0);
    },
  },
  {
    name: "run: 125 for a flag, an image or a volume that doesn't exist",
    body: async (podman) => {
      assert.equal((await podman.run(["--nope"], ["true"])).code, 125);
      assert.equal((await podman.podman(["run", "--pull", "never", "localhost/nope", "true"])).code, 125);
      assert.equal((await podman.run(["-v", "/nope:/v"], ["true"])).code, 125);
    },
  },
  {
    name: "exec: 125 for a container that doesn't exist",
    body: async (podman) => {
      assert.equal((await podman.podman(["exec", "nope", "true"])).code, 125);
    },
  },
];
