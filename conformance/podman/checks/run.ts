/** podman run: streams, exit status, the process and what is around it. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { read } from "../../harness/host.ts";
import { IMAGE } from "../caller.ts";
import type { Check } from "../verdict.ts";
import { USER } from "../world.ts";

export const RUN: readonly Check[] = [
  {
    name: "run: output, errors and exit status",
    body: async (podman) => {
      const outcome = await podman.run([], ["sh", "-c", "echo out; echo err >&2; exit 7"]);
      assert.deepEqual(outcome, { code: 7, stdout: "out\n", stderr: "err\n" });
    },
  },
  {
    name: "run -i: standard input",
    body: async (podman) => {
      const input = "line\n".repeat(50_000);
      assert.equal(await podman.output(["-i"], "wc -c", { input }), `${input.length}\n`);
    },
  },
  {
    name: "run -d: logs, wait, status",
    body: async (podman) => {
      const name = await podman.background([], "echo begun; sleep 0.5; echo ended >&2; exit 3");
      assert.equal(await podman.wait(name), 3);
      const { stdout, stderr } = await podman.podman(["logs", name]);
      assert.deepEqual({ stdout, stderr }, { stdout: "begun\n", stderr: "ended\n" });
      assert.equal(await podman.inspect(name, "{{.State.Status}} {{.State.ExitCode}}"), "exited 3");
      assert.equal(await podman.inspect(name, "{{.OCIRuntime}}"), podman.runtime);
    },
  },
  {
    name: "run: killed by a signal",
    body: async (podman) => {
      assert.equal(
        (await podman.run([], ["sh", "-c", "kill -USR1 $$"])).code,
        0,
        "an init ignores what it doesn't handle",
      );
      assert.equal((await podman.run(["--init"], ["sh", "-c", "kill -USR1 $$"])).code, 128 + 10);
    },
  },
  {
    name: "run -e -w -u --hostname --umask --ulimit --oom-score-adj",
    body: async (podman) => {
      const flags = ["-e", "WORD=some thing", "-w", "/srv", "-u", "1000:5", "--hostname", "named", "--umask", "0027"];
      const limits = ["--ulimit", "core=1:2", "--oom-score-adj", "600"];
      const script =
        'echo "$WORD"; pwd; id -u; id -g; hostname; umask; ulimit -c; ulimit -H -c; cat /proc/self/oom_score_adj';
      const lines = ["some thing", "/srv", "1000", "5", "named", "0027"];
      const printed = (await podman.output([...flags, ...limits], script)).split("\n");
      assert.deepEqual(printed.slice(0, 6), lines);
      assert.equal(printed[8], "600");
      assert.match(await podman.output(limits, "grep core /proc/self/limits"), /core file size +1 +2 /);
    },
  },
  {
    name: "run --group-add: by number and name",
    body: async (podman) => {
      const printed = await podman.output(["--group-add", "5,777"], "grep ^Groups: /proc/self/status");
      assert.deepEqual(
        printed.trim().split(/\s+/).slice(1).sort(),
        ["0", "5", "777"].filter((id) => printed.includes(id)),
      );
      assert.match(printed, /\b5\b.*\b777\b/);
    },
  },
  {
    name: "run --group-add keep-groups: the caller's groups",
    skip: ({ rootless }) => (rootless ? false : "root has all rights that a group could give"),
    body: async (podman) => {
      const name = await podman.background(
        ["--group-add", "keep-groups"],
        "grep ^Groups: /proc/self/status; exec sleep 1000",
      );
      await podman.logs(name, /^Groups:.*\b65534\b/);
      const groups = /^Groups:(.*)$/m.exec(read(`/proc/${await podman.pid(name)}/status`) ?? "")?.[1] ?? "";
      assert.match(groups, new RegExp(`\\b${USER.group}\\b`), "as the host sees it");
    },
  },
  {
    name: "run --preserve-fds",
    body: async (podman) => {
      const file = join(podman.directory(), "third");
      writeFileSync(file, "from descriptor 3\n");
      assert.equal(
        await podman.output(["--preserve-fds", "1"], "cat <&3; ls /proc/self/fd | wc -l", { third: file }),
        "from descriptor 3\n5\n",
      );
      assert.equal(await podman.output([], "ls /proc/self/fd | wc -l", { third: file }), "4\n", "not without the flag");
    },
  },
  {
    name: "run --init: catatonit is process 1 and reaps",
    body: async (podman) => {
      const script = "cat /proc/1/comm; (sleep 0 &); sleep 0.3; grep -l '^State:.Z' /proc/[0-9]*/status; echo $PPID";
      assert.equal(await podman.output(["--init"], script), "podman-init\n1\n");
    },
  },
  {
    name: "run --cgroups=disabled: in the cgroups of the caller",
    body: async (podman) => {
      const flags = podman.flags(["--cgroups", "disabled", "--cgroupns", "host"]);
      const own = await podman.ok(["run", "--rm", ...flags, IMAGE, "cat", "/proc/self/cgroup"]);
      assert.equal(own, read("/proc/self/cgroup"));
    },
  },
  {
    name: "info: names the runtime and its version",
    body: async (podman) => {
      const text = await podman.ok(["info", "--format", "{{.Host.OCIRuntime.Path}} {{.Host.OCIRuntime.Version}}"]);
      assert.ok(text.startsWith(`${podman.runtime} `), text);
      assert.match(text, /version \d/);
    },
  },
];
