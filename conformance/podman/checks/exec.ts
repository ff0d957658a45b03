/** podman exec. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { namespaceOf, processesWith, read, until } from "../../harness/host.ts";
import type { Check } from "../verdict.ts";

const CHOWN = 1n << 0n;

function effective(status: string): bigint {
  return BigInt(`0x${/^CapEff:\t(.*)$/m.exec(status)?.[1]}`);
}

export const EXEC: readonly Check[] = [
  {
    name: "exec: output, errors and exit status",
    body: async (podman) => {
      const name = await podman.background();
      const outcome = await podman.podman(["exec", name, "sh", "-c", "echo out; echo err >&2; exit 5"]);
      // Podman adds a line of its own.
      assert.deepEqual(
        { ...outcome, stderr: outcome.stderr.split("\n")[0] },
        { code: 5, stdout: "out\n", stderr: "err" },
      );
    },
  },
  {
    name: "exec -i: standard input",
    body: async (podman) => {
      const name = await podman.background();
      assert.equal(await podman.ok(["exec", "-i", name, "wc", "-c"], { input: "12345\n" }), "6\n");
    },
  },
  {
    name: "exec -e -w -u",
    body: async (podman) => {
      const name = await podman.background(["-e", "FIRST=1"]);
      const flags = ["-e", "WORD=x y", "-w", "/srv", "-u", "1000"];
      const text = await podman.ok(["exec", ...flags, name, "sh", "-c", 'echo "$FIRST$WORD"; pwd; id -u; id -g']);
      assert.equal(text, "1x y\n/srv\n1000\n1000\n");
    },
  },
  {
    name: "exec -d: in the container's namespaces and cgroup",
    body: async (podman) => {
      const name = await podman.background();
      await podman.ok(["exec", "-d", "-e", `EXEC_OF=${name}`, name, "sleep", "1000"]);
      const pid = await podman.pid(name);
      const other = await until("the process starts", () => processesWith(`EXEC_OF=${name}`).find(isSleep));
      for (const namespace of ["mnt", "pid", "net", "ipc", "uts", "user", "cgroup"]) {
        assert.equal(namespaceOf(other, namespace), namespaceOf(pid, namespace), namespace);
      }
      assert.equal(read(`/proc/${other}/cgroup`), read(`/proc/${pid}/cgroup`));
      assert.match(await podman.ok(["exec", name, "ps"]), /sleep 1000\n.*sleep 1000\n/s);
    },
  },
  {
    name: "exec: the container's capabilities and filter, and --privileged",
    body: async (podman) => {
      const name = await podman.background(["--cap-drop", "chown"]);
      const status = ["grep", "-E", "^(CapEff|CapBnd|Seccomp):", "/proc/self/status"];
      const own = await podman.ok(["exec", name, "grep", "-E", "^(CapEff|CapBnd|Seccomp):", "/proc/1/status"]);
      assert.equal(await podman.ok(["exec", name, ...status]), own);
      assert.match(own, /Seccomp:\t2\n/);
      const privileged = await podman.ok(["exec", "--privileged", name, ...status]);
      assert.ok(effective(privileged) > effective(own) && (effective(privileged) & CHOWN) !== 0n, privileged);
    },
  },
  {
    name: "exec --preserve-fds",
    body: async (podman) => {
      const file = join(podman.directory(), "third");
      writeFileSync(file, "from descriptor 3\n");
      const name = await podman.background();
      const command = ["exec", "--preserve-fds", "1", name, "sh", "-c", "cat <&3"];
      assert.equal(await podman.ok(command, { third: file }), "from descriptor 3\n");
    },
  },
  {
    name: "exec: refused in a container that has ended",
    body: async (podman) => {
      const name = await podman.background([], "true");
      await podman.wait(name);
      const { code, stderr } = await podman.podman(["exec", name, "true"]);
      assert.equal(code, 255);
      assert.match(stderr, /can only create exec sessions on running containers/);
    },
  },
];

function isSleep(pid: number): boolean {
  return (read(`/proc/${pid}/cmdline`) ?? "").startsWith("sleep\0");
}
