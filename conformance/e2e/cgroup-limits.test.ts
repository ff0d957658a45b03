/** linux.resources, read back from cgroupfs and by effect: v1, hybrid and v2 hosts. */
import { join } from "node:path";
import { place, UNIFIED, without } from "../harness/cgroups.ts";
import { type Config, e2e, nothingLeft, read, refused, script, sleeper, succeeded } from "../harness.ts";

interface Limit {
  readonly name: string;
  readonly controller: string;
  readonly resources: Config;
  /** file → content */
  readonly v1: Readonly<Record<string, string>>;
  readonly v2: Readonly<Record<string, string>>;
}

const LIMITS: Limit[] = [
  {
    name: "memory.limit",
    controller: "memory",
    resources: { memory: { limit: 64 << 20, reservation: 32 << 20 } },
    v1: { "memory.limit_in_bytes": "67108864", "memory.soft_limit_in_bytes": "33554432" },
    v2: { "memory.max": "67108864", "memory.low": "33554432" },
  },
  {
    name: "memory.disableOOMKiller",
    controller: "memory",
    resources: { memory: { disableOOMKiller: false } },
    v1: { "memory.use_hierarchy": "1" },
    v2: {},
  },
  {
    name: "pids.limit",
    controller: "pids",
    resources: { pids: { limit: 42 } },
    v1: { "pids.max": "42" },
    v2: { "pids.max": "42" },
  },
  {
    name: "pids.limit -1",
    controller: "pids",
    resources: { pids: { limit: -1 } },
    v1: { "pids.max": "max" },
    v2: { "pids.max": "max" },
  },
  {
    name: "cpu",
    controller: "cpu",
    resources: { cpu: { shares: 512, quota: 50_000, period: 200_000 } },
    v1: { "cpu.shares": "512", "cpu.cfs_quota_us": "50000", "cpu.cfs_period_us": "200000" },
    v2: { "cpu.max": "50000 200000", "cpu.weight": "59" },
  },
  {
    name: "cpu.quota alone",
    controller: "cpu",
    resources: { cpu: { quota: 30_000 } },
    v1: { "cpu.cfs_quota_us": "30000" },
    v2: { "cpu.max": "30000 100000" },
  },
  {
    name: "cpu.cpus",
    controller: "cpuset",
    resources: { cpu: { cpus: "0", mems: "0" } },
    v1: { "cpuset.cpus": "0", "cpuset.mems": "0" },
    v2: { "cpuset.cpus": "0", "cpuset.mems": "0" },
  },
];

for (const { name, controller, resources, v1, v2 } of LIMITS) {
  e2e(
    `limit ${name}`,
    async (t, box) => {
      const c = box.container(sleeper({ linux: { resources } }));
      succeeded(t, await c.create(), "create");
      const directory = place(await c.pid(), controller);
      for (const [file, content] of Object.entries(UNIFIED ? v2 : v1))
        t.equal(read(join(directory, file))?.trim(), content, file);
    },
    { skip: without(controller) },
  );
}

e2e(
  "a program that takes more memory than allowed is killed, and tsoci says so",
  async (t, box) => {
    const limit = 16 << 20;
    const hog = "head -c 200m /dev/zero | tail -c 190m | wc -c; echo not reached";
    const change = { linux: { resources: { memory: { limit, swap: limit } } } };
    const c = box.container(script(`exec tail -c 190m /dev/zero; ${hog}`, change));
    const { code, stdout, stderr } = await c.run();
    t.equal(code, 137);
    t.notMatch(stdout, "not reached");
    t.equal(
      stderr,
      `tsoci: warning: the container was killed: out of memory (/linux/resources/memory/limit: ${limit} bytes)\n`,
    );
  },
  { skip: without("memory") },
);

e2e(
  "a limit too small to start a process is an error that says so",
  async (t, box) => {
    const c = box.container(sleeper({ linux: { resources: { memory: { limit: 4096 } } } }));
    const { code, stderr } = await c.create();
    t.equal(code, 1);
    t.match(stderr, /^tsoci: create failed: [^\n]*(memory)[^\n]*\n$/);
    await nothingLeft(t, box);
  },
  { skip: without("memory") },
);

e2e(
  "no more processes than allowed",
  async (t, box) => {
    const c = box.container(
      script("for i in 1 2 3 4 5 6 7 8 9 10; do sleep 100 & done; echo made", {
        linux: { resources: { pids: { limit: 5 } } },
      }),
    );
    const { code, stderr } = await c.run();
    t.not(code, 0);
    t.match(stderr, /can't fork: Resource temporarily unavailable/);
  },
  { skip: without("pids") },
);

e2e("limits that are wrong, or that this host can't have, name the entry and leave nothing", async (t, box) => {
  const bad = async (resources: Config, pointer: RegExp) => {
    const outcome = await box.container(sleeper({ linux: { resources } })).create();
    refused(t, outcome, new RegExp(`^create failed: /linux/resources/${pointer.source}: `), JSON.stringify(resources));
  };
  await bad({ cpu: { cpus: "999" } }, /cpu\/cpus/);
  await bad({ cpu: { cpus: "nonsense" } }, /cpu\/cpus/);
  await bad({ hugepageLimits: [{ pageSize: "3MB", limit: 1 }] }, /hugepageLimits\/0(\/pageSize)?/);
  await bad({ memory: { limit: 100, swap: 50 } }, /memory\/swap/);
  await bad({ unified: { "../../x": "1" } }, /unified\/\.\.~1\.\.~1x/);
  await bad({ unified: { "cgroup.procs": "1" } }, /unified\/cgroup\.procs/);
  await nothingLeft(t, box);
});
