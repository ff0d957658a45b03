/** ctr run: what its flags ask of the runtime. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execaSync } from "execa";
import { place, UNIFIED, without } from "../../harness/cgroups.ts";
import type { Check } from "../../harness/checks.ts";
import { namespaceOf, statusField } from "../../harness/host.ts";
import { ensureRootfs } from "../../rootfs.ts";
import type { Containerd } from "../caller.ts";

/** What a script prints in a container with these flags. */
async function output(caller: Containerd, flags: readonly string[], script: string): Promise<string> {
  const { code, stdout, stderr } = await caller.run(flags, caller.unique(), ["sh", "-c", script]);
  return code === 0 && stderr === "" ? stdout : `exit ${code}: ${stdout}${stderr}`;
}

/** The value of a file of the container's cgroup, by the controller's name of v1. */
function limit(pid: number, controller: string, file: string): string {
  return readFileSync(join(place(pid, controller), file), "utf8").trim();
}

const NET_ADMIN = 12n;
const capability = (pid: number, number: bigint) => (BigInt(`0x${statusField(pid, "CapEff")}`) >> number) & 1n;

export const OPTIONS: readonly Check<Containerd>[] = [
  {
    name: "run --env --cwd",
    body: async (caller) => {
      const flags = ["--env", "WORD=x y", "--cwd", "/srv"];
      const text = await output(caller, flags, 'echo "$WORD"; pwd');
      assert.equal(text, "x y\n/srv\n");
    },
  },
  {
    name: "run --read-only",
    body: async (caller) => {
      assert.match(await output(caller, ["--read-only"], "touch /x"), /exit 1: .*Read-only file system/);
    },
  },
  {
    name: "run --mount: bind, read-only and not",
    body: async (caller) => {
      const source = caller.path("shared");
      mkdirSync(source, { recursive: true });
      writeFileSync(join(source, "file"), "from outside\n");
      const bind = (target: string, options: string) =>
        ["--mount", `type=bind,src=${source},dst=${target},options=${options}`] as const;
      const flags = [...bind("/ro", "rbind:ro"), ...bind("/rw", "rbind:rw")];
      const text = await output(
        caller,
        flags,
        "cat /ro/file; echo inside >/rw/file; touch /ro/x 2>/dev/null || echo ro",
      );
      assert.equal(text, "from outside\nro\n");
      assert.equal(readFileSync(join(source, "file"), "utf8"), "inside\n");
    },
  },
  {
    name: "run --memory-limit --cpus: in the container's cgroup",
    skip: () => without("memory") || without("cpu"),
    body: async (caller) => {
      const pid = await caller.pid(await caller.background(["--memory-limit", "33554432", "--cpus", "0.5"]));
      assert.equal(limit(pid, "memory", UNIFIED ? "memory.max" : "memory.limit_in_bytes"), "33554432");
      if (UNIFIED) assert.equal(limit(pid, "cpu", "cpu.max"), "50000 100000");
      else assert.equal(limit(pid, "cpu", "cpu.cfs_quota_us"), "50000");
    },
  },
  {
    name: "run --cap-drop, --cap-add",
    body: async (caller) => {
      const added = await caller.pid(await caller.background(["--cap-add", "CAP_NET_ADMIN"]));
      assert.equal(capability(added, NET_ADMIN), 1n);
      const dropped = await caller.pid(await caller.background(["--cap-drop", "CAP_CHOWN"]));
      assert.deepEqual([capability(dropped, NET_ADMIN), capability(dropped, 0n)], [0n, 0n]);
    },
  },
  {
    name: "run --privileged",
    body: async (caller) => {
      const pid = await caller.pid(await caller.background(["--privileged"]));
      assert.equal(statusField(pid, "CapEff"), statusField(process.pid, "CapBnd"));
      assert.match(await output(caller, ["--privileged"], "mount -t tmpfs none /mnt && echo mounted"), /^mounted$/m);
    },
  },
  {
    name: "run --seccomp: containerd's default profile",
    body: async (caller) => {
      const pid = await caller.pid(await caller.background(["--seccomp"]));
      assert.equal(statusField(pid, "Seccomp"), "2");
      const script = "unshare -U true 2>/dev/null || echo refused; echo works";
      assert.equal(await output(caller, ["--seccomp"], script), "refused\nworks\n");
    },
  },
  {
    name: "run --net-host, --with-ns: namespaces of others",
    body: async (caller) => {
      const first = await caller.pid(await caller.background(["--net-host"]));
      assert.equal(namespaceOf(first, "net"), namespaceOf("self", "net"));
      const second = await caller.pid(await caller.background());
      const third = await caller.pid(await caller.background(["--with-ns", `network:/proc/${second}/ns/net`]));
      assert.equal(namespaceOf(third, "net"), namespaceOf(second, "net"));
      assert.notEqual(namespaceOf(third, "net"), namespaceOf("self", "net"));
    },
  },
  {
    name: "run --with-ns pid: all of the container's processes end with the first",
    body: async (caller) => {
      const other = await caller.pid(await caller.background());
      const flags = ["--with-ns", `pid:/proc/${other}/ns/pid`];
      const id = await caller.background(flags, ["sh", "-c", "sleep 1000 & sleep 1000"]);
      await caller.ok(["tasks", "kill", "--signal", "SIGKILL", id]);
      await caller.waitFor(id, "STOPPED");
    },
  },
  {
    name: "run --uidmap --gidmap: a user namespace",
    body: async (caller) => {
      const flags = ["--uidmap", "0:100000:65536", "--gidmap", "0:100000:65536"];
      const pid = await caller.pid(await caller.background(flags));
      assert.equal(statusField(pid, "Uid"), "100000\t100000\t100000\t100000");
      assert.notEqual(namespaceOf(pid, "user"), namespaceOf("self", "user"));
      assert.equal(await output(caller, flags, "id -u; touch /x && stat -c %u /x"), "0\n0\n");
    },
  },
  {
    name: "run --device",
    body: async (caller) => {
      const script =
        "dd if=/dev/zero of=/dev/loop-control bs=1 count=0 2>&1 | grep -c records; stat -c %t:%T /dev/fuse";
      const expected = execaSync("stat", ["-c", "%t:%T", "/dev/fuse"]).stdout;
      assert.match(await output(caller, ["--device", "/dev/fuse"], script), new RegExp(`^${expected}$`, "m"));
    },
  },
  {
    name: "run --no-pivot",
    body: async (caller) => {
      assert.equal(await output(caller, ["--no-pivot"], "ls /.. | grep -c '^bin$'"), "1\n");
    },
  },
  {
    name: "run --rootfs: a directory of the host",
    body: async (caller) => {
      const rootfs = caller.path("rootfs");
      execaSync("cp", ["-a", await ensureRootfs(), rootfs]);
      const flags = ["run", "--runc-binary", caller.runtime, "--rm", "--rootfs", rootfs, caller.unique()];
      assert.equal(await caller.ok([...flags, "/bin/sh", "-c", "echo here >/here; echo done"]), "done\n");
      assert.equal(readFileSync(join(rootfs, "here"), "utf8"), "here\n");
    },
  },
];
