/** Limits, read back from the host's cgroups and felt by what runs. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { has, place, UNIFIED } from "../../harness/cgroups.ts";
import type { Podman } from "../caller.ts";
import type { Check } from "../verdict.ts";

/** A file of the container's cgroup. */
async function limit(podman: Podman, name: string, controller: string, file: string): Promise<string> {
  return readFileSync(join(place(await podman.pid(name), controller), file), "utf8").trim();
}

const MIB = 1024 * 1024;

/** The flags of a limit and what is then in which file, for cgroup v1 and v2. */
interface Limit {
  readonly flags: readonly string[];
  readonly controller: string;
  readonly v1: readonly [file: string, value: string];
  readonly v2: readonly [file: string, value: string];
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
    flags: ["--memory-reservation", "20m"],
    controller: "memory",
    v1: ["memory.soft_limit_in_bytes", `${20 * MIB}`],
    v2: ["memory.low", `${20 * MIB}`],
  },
  { flags: ["--cpus", "0.5"], controller: "cpu", v1: ["cpu.cfs_quota_us", "50000"], v2: ["cpu.max", "50000 100000"] },
  { flags: ["--cpu-shares", "512"], controller: "cpu", v1: ["cpu.shares", "512"], v2: ["cpu.weight", "20"] },
  { flags: ["--cpuset-cpus", "0"], controller: "cpuset", v1: ["cpuset.cpus", "0"], v2: ["cpuset.cpus", "0"] },
];

const noLimits = (controller: string) => (podman: Podman) => {
  if (podman.rootless) return "Podman sets no limits for an ordinary user without a cgroup of his own";
  return has(controller) ? false : `this host has no ${controller} controller`;
};

const READ_BACK: readonly Check[] = LIMITS_BY_FILE.map(({ flags, controller, v1, v2 }) => ({
  name: `${flags.join(" ")}: the kernel has it`,
  skip: noLimits(controller),
  body: async (podman) => {
    const name = await podman.background(flags);
    const [file, value] = UNIFIED ? v2 : v1;
    assert.equal(await limit(podman, name, controller, file), value, file);
  },
}));

export const LIMITS: readonly Check[] = [
  ...READ_BACK,
  {
    name: "--pids-limit: no process more",
    skip: noLimits("pids"),
    body: async (podman) => {
      const script = "for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait";
      const { code, stderr } = await podman.run(["--pids-limit", "5"], ["sh", "-c", script]);
      assert.equal(code, 2);
      assert.match(stderr, /can't fork: Resource temporarily unavailable/);
    },
  },
  {
    name: "--memory: killed beyond it",
    skip: noLimits("memory"),
    body: async (podman) => {
      const name = await podman.background(["--memory", "20m"], "exec dd if=/dev/zero of=/dev/null bs=64M count=1");
      assert.equal(await podman.wait(name), 137);
      // With Debian 12 on cgroup v1, Podman says false after runc and crun, too.
      if (UNIFIED) assert.equal(await podman.inspect(name, "{{.State.OOMKilled}}"), "true");
    },
  },
  {
    name: "update: limits of a running container",
    skip: noLimits("cpu"),
    body: async (podman) => {
      const name = await podman.background(["--memory", "50m", "--cpus", "0.5"]);
      await podman.ok(["update", "--cpus", "0.25", "--memory", "60m", name]);
      const [memory, cpu] = UNIFIED ? ["memory.max", "cpu.max"] : ["memory.limit_in_bytes", "cpu.cfs_quota_us"];
      assert.equal(await limit(podman, name, "memory", memory), `${60 * MIB}`);
      assert.match(await limit(podman, name, "cpu", cpu), /^25000\b/);
    },
  },
];
