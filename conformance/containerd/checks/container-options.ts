/** CRI: what the descriptions of containers ask of the runtime. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execaSync } from "execa";
import { place, UNIFIED, without } from "../../harness/cgroups.ts";
import type { Check } from "../../harness/checks.ts";
import { statusField } from "../../harness/host.ts";
import type { Containerd } from "../caller.ts";
import { linux, running, SECURITY, script } from "../on-node.ts";
import { inspect, noPods, startContainer, startPod, waitForExit } from "../pod.ts";

/** Of mounts (runtime.v1.MountPropagation). */
const FROM_NODE = 1;
const BOTH_WAYS = 2;

/** What a script prints in a container of this description. */
async function output(caller: Containerd, text: string, change: Readonly<Record<string, unknown>>): Promise<string> {
  // crictl adds an empty line to each stream.
  return (await caller.crictlOk(["exec", "--sync", await running(caller, change), "sh", "-c", text])).trimEnd();
}

const limit = (pid: number, controller: string, file: string) =>
  readFileSync(join(place(pid, controller), file), "utf8").trim();

export const CONTAINER_OPTIONS: readonly Check<Containerd>[] = [
  {
    name: "crictl create: memory, cpu and oom_score_adj; crictl stats; crictl update",
    skip: (caller) => noPods(caller) || without("memory") || without("cpu"),
    body: async (caller) => {
      const resources = { memory_limit_in_bytes: 67108864, cpu_period: 100000, cpu_quota: 50000, oom_score_adj: 500 };
      const id = await running(caller, linux({}, resources));
      const { pid } = await inspect(caller, id);
      const memory = () => limit(pid, "memory", UNIFIED ? "memory.max" : "memory.limit_in_bytes");
      assert.equal(memory(), "67108864");
      assert.equal(
        UNIFIED ? limit(pid, "cpu", "cpu.max") : limit(pid, "cpu", "cpu.cfs_quota_us"),
        UNIFIED ? "50000 100000" : "50000",
      );
      assert.equal(readFileSync(`/proc/${pid}/oom_score_adj`, "utf8"), "500\n");
      const { stats } = JSON.parse(await caller.crictlOk(["stats", "--output", "json", id]));
      assert.ok(Number(stats[0].memory.workingSetBytes.value) > 0);
      await caller.crictlOk(["update", "--memory", "33554432", id]);
      assert.equal(memory(), "33554432");
    },
  },
  {
    name: "a container that needs too much memory: OOMKilled",
    skip: (caller) => noPods(caller) || without("memory"),
    body: async (caller) => {
      const hungry = { ...script("sleep 1; tail /dev/zero"), ...linux({}, { memory_limit_in_bytes: 8388608 }) };
      const { reason, exitCode } = await waitForExit(caller, await running(caller, hungry));
      assert.deepEqual([reason, exitCode], ["OOMKilled", 137]);
    },
  },
  {
    name: "crictl create: user and groups, read-only root, no new privileges, capabilities, seccomp",
    skip: noPods,
    body: async (caller) => {
      const change = linux({
        run_as_user: { value: 1000 },
        run_as_group: { value: 1001 },
        supplemental_groups: [1002],
        readonly_rootfs: true,
        no_new_privs: true,
        capabilities: { drop_capabilities: ["ALL"], add_capabilities: ["NET_BIND_SERVICE"] },
        seccomp: { profile_type: 0 },
      });
      const id = await running(caller, change);
      const { pid } = await inspect(caller, id);
      const shown = ["Uid", "Gid", "NoNewPrivs", "Seccomp", "CapBnd"].map(
        (name) => statusField(pid, name)?.split("\t")[0],
      );
      assert.deepEqual(shown, ["1000", "1001", "1", "2", "0000000000000400"]);
      assert.ok((statusField(pid, "Groups") ?? "").split(" ").includes("1002"));
      const { stderr } = await caller.crictl(["exec", "--sync", id, "touch", "/tmp/x"]);
      assert.match(stderr, /Read-only file system/);
    },
  },
  {
    name: "crictl create: privileged",
    skip: noPods,
    body: async (caller) => {
      const parent = await startPod(caller, { ...SECURITY, privileged: true });
      const id = await startContainer(caller, parent, linux({ privileged: true }));
      const { pid } = await inspect(caller, id);
      assert.equal(statusField(pid, "CapEff"), statusField(process.pid, "CapBnd"));
      const text = await caller.crictlOk([
        "exec",
        "--sync",
        id,
        "sh",
        "-c",
        "mount -t tmpfs none /mnt && echo mounted",
      ]);
      assert.match(text, /^mounted$/m);
    },
  },
  {
    name: "crictl create: masked and read-only paths",
    skip: noPods,
    body: async (caller) => {
      const change = linux({ masked_paths: ["/proc/meminfo", "/proc/fs"], readonly_paths: ["/proc/sys"] });
      const text = "wc -c </proc/meminfo; ls /proc/fs | wc -l; echo 1 2>/dev/null >/proc/sys/vm/swappiness || echo ro";
      assert.equal(await output(caller, `exec 2>/dev/null; ${text}`, change), "0\n0\nro");
    },
  },
  {
    name: "crictl create: mounts, read-only and not",
    skip: noPods,
    body: async (caller) => {
      const source = caller.path(`${caller.unique()}-source`);
      mkdirSync(source);
      writeFileSync(join(source, "file"), "of the node\n");
      const mounts = [
        { container_path: "/ro", host_path: source, readonly: true },
        { container_path: "/new/deep", host_path: source },
      ];
      const text = "cat /ro/file; touch /ro/x 2>/dev/null || echo ro; echo inside >/new/deep/file; cat /ro/file";
      assert.equal(await output(caller, text, { mounts }), "of the node\nro\ninside");
    },
  },
  {
    name: "crictl create: mounts that propagate from the node, and back from a privileged container",
    skip: noPods,
    body: async (caller) => {
      const source = caller.path(`${caller.unique()}-shared`);
      const mount = (...args: readonly string[]) => execaSync("mount", args);
      for (const name of ["", "node", "container"]) mkdirSync(join(source, name));
      mount("--bind", source, source);
      try {
        mount("--make-shared", source);
        const parent = await startPod(caller, { ...SECURITY, privileged: true });
        const start = (propagation: number) => {
          const mounts = [{ container_path: "/shared", host_path: source, propagation }];
          return startContainer(caller, parent, { ...linux({ privileged: true }), mounts });
        };
        const run = async (id: string, text: string) =>
          (await caller.crictlOk(["exec", "--sync", id, "sh", "-c", text])).trimEnd();
        const [slave, peer] = [await start(FROM_NODE), await start(BOTH_WAYS)];
        mount("-t", "tmpfs", "none", join(source, "node"));
        writeFileSync(join(source, "node/file"), "");
        assert.equal(await run(slave, "ls /shared/node"), "file");
        await run(slave, "mount -t tmpfs none /shared/container && touch /shared/container/slave");
        assert.deepEqual(readdirSync(join(source, "container")), []);
        await run(peer, "mount -t tmpfs none /shared/container && touch /shared/container/peer");
        assert.deepEqual(readdirSync(join(source, "container")), ["peer"]);
      } finally {
        execaSync("umount", ["--recursive", source]);
      }
    },
  },
];
