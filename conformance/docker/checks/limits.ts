/** Limits, read back from the host's cgroups and felt by what runs. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { place, UNIFIED, without } from "../../harness/cgroups.ts";
import type { Check } from "../../harness/checks.ts";
import type { Docker } from "../caller.ts";

/** A file of the container's cgroup. */
async function limit(docker: Docker, name: string, controller: string, file: string): Promise<string> {
  return readFileSync(join(place(await docker.pid(name), controller), file), "utf8").trim();
}

const MIB = 1024 * 1024;

/** The flags of a limit and what is then in which file, for cgroup v1 and v2. */
interface Limit {
  readonly flags: readonly string[];
  readonly controller: string;
  readonly v1: readonly [file: string, value: string];
  readonly v2?: readonly [file: string, value: string];
}

const LIMITS_BY_FILE: readonly Limit[] = [
  { flags: ["--pids-limit", "33"], controller: "pids", v1: ["pids.max", "33"], v2: ["pids.max", "33"] },
  {
    flags: ["--memory", "50m"],
    controller: "memory",
    v1: ["memory.limit_in_bytes", `${50 * MIB}`],
    v2: ["memory.max", `${50 * MIB}`],
  },
  {
    flags: ["--memory", "50m", "--memory-reservation", "20m"],
    controller: "memory",
    v1: ["memory.soft_limit_in_bytes", `${20 * MIB}`],
    v2: ["memory.low", `${20 * MIB}`],
  },
  {
    flags: ["--oom-kill-disable", "--memory", "50m"],
    controller: "memory",
    v1: ["memory.oom_control", "oom_kill_disable 1"],
  },
  { flags: ["--memory-swappiness", "7"], controller: "memory", v1: ["memory.swappiness", "7"] },
  { flags: ["--cpus", "0.5"], controller: "cpu", v1: ["cpu.cfs_quota_us", "50000"], v2: ["cpu.max", "50000 100000"] },
  { flags: ["--cpu-shares", "512"], controller: "cpu", v1: ["cpu.shares", "512"], v2: ["cpu.weight", "20"] },
  { flags: ["--cpuset-cpus", "0"], controller: "cpuset", v1: ["cpuset.cpus", "0"], v2: ["cpuset.cpus", "0"] },
];

const READ_BACK: readonly Check<Docker>[] = LIMITS_BY_FILE.map(({ flags, controller, v1, v2 }) => ({
  name: `run ${flags.join(" ")}: the kernel has it`,
  skip: () => without(controller) || (UNIFIED && v2 === undefined && "cgroup v2 knows no such limit"),
  body: async (docker) => {
    const name = await docker.background(flags);
    const [file, value] = UNIFIED ? (v2 ?? v1) : v1;
    assert.equal((await limit(docker, name, controller, file)).split("\n")[0], value, file);
  },
}));

/** Takes the memory that it is allowed and more. */
const HUNGRY = ["dd", "if=/dev/zero", "of=/dev/null", "bs=64M", "count=1"];

export const LIMITS: readonly Check<Docker>[] = [
  ...READ_BACK,
  {
    name: "run --pids-limit: no process more",
    skip: () => without("pids"),
    body: async (docker) => {
      const script = "for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait";
      const { code, stderr } = await docker.run(["--rm", "--pids-limit", "5"], ["sh", "-c", script]);
      assert.equal(code, 2);
      assert.match(stderr, /can't fork: Resource temporarily unavailable/);
    },
  },
  {
    name: "run --memory: the first process is killed beyond it, and inspect says OOMKilled",
    skip: () => without("memory"),
    body: async (docker) => {
      const name = await docker.background(["--memory", "20m", "--memory-swap", "20m"], HUNGRY);
      assert.equal(await docker.wait(name), 137);
      assert.equal(await docker.inspect(name, "{{.State.OOMKilled}} {{.State.ExitCode}}"), "true 137");
    },
  },
  {
    name: "run --memory: another process is killed, events tell, and the container goes on",
    skip: () => without("memory"),
    body: async (docker) => {
      const name = await docker.background(["--memory", "20m", "--memory-swap", "20m"]);
      const events = docker.dialogue(["events", "--filter", `container=${name}`, "--since", "1h"]);
      assert.equal((await docker.docker(["exec", name, ...HUNGRY])).code, 137);
      await events.says(/ container oom /);
      events.signal("SIGTERM");
      await events.ended();
      assert.equal(await docker.status(name), "running");
    },
  },
  {
    name: "OOMKilled is false of a container that ends otherwise",
    body: async (docker) => {
      const name = await docker.background(["--memory", "20m"]);
      await docker.ok(["kill", name]);
      await docker.wait(name);
      assert.equal(await docker.inspect(name, "{{.State.OOMKilled}} {{.State.ExitCode}}"), "false 137");
    },
  },
  {
    name: "stats: of the container's cgroup",
    skip: () => without("memory") || without("pids"),
    body: async (docker) => {
      const name = await docker.background(["--memory", "32m"], ["sh", "-c", "sleep 999 & sleep 1000"]);
      const { PIDs, MemUsage, CPUPerc } = JSON.parse(
        await docker.ok(["stats", "--no-stream", "--format", "{{json .}}", name]),
      );
      assert.equal(PIDs, "2");
      assert.match(MemUsage, /^\S*[1-9]\S* *[kKM]iB \/ 32MiB$/);
      assert.match(CPUPerc, /^\d+\.\d+%$/);
    },
  },
  {
    name: "update: limits of a running container, and back when the kernel refuses one",
    skip: () => without("cpu") || without("memory"),
    body: async (docker) => {
      const name = await docker.background(["--memory", "50m", "--memory-swap", "100m", "--cpus", "0.5"]);
      const [memory, cpu] = UNIFIED ? ["memory.max", "cpu.max"] : ["memory.limit_in_bytes", "cpu.cfs_quota_us"];
      await docker.ok(["update", "--cpus", "0.25", "--memory", "60m", "--pids-limit", "44", name]);
      assert.equal(await limit(docker, name, "memory", memory), `${60 * MIB}`);
      assert.match(await limit(docker, name, "cpu", cpu), /^25000\b/);
      assert.equal(await limit(docker, name, "pids", "pids.max"), "44");
      // dockerd knows the number of processors, not what the parent cgroup has of them.
      const { code } = await docker.docker(["update", "--cpuset-mems", "7", name]);
      assert.notEqual(code, 0);
      assert.match(await limit(docker, name, "cpu", cpu), /^25000\b/);
    },
  },
  {
    name: "run --ulimit: of the program",
    body: async (docker) => {
      const flags = ["--ulimit", "nofile=100:200", "--ulimit", "core=0"];
      assert.equal(await docker.output(flags, "ulimit -Sn; ulimit -Hn; ulimit -c"), "100\n200\n0\n");
    },
  },
  {
    name: "run --cgroup-parent: below it",
    skip: () => without("memory"),
    body: async (docker) => {
      const parent = `/${docker.host.name}/other`;
      const name = await docker.background(["--cgroup-parent", parent]);
      const id = await docker.inspect(name, "{{.Id}}");
      assert.ok(place(await docker.pid(name), "memory").endsWith(`${parent}/${id}`));
    },
  },
];
