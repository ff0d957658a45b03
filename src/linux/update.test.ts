import { test } from "tap";
import { type FixtureName, recordedFacts } from "../facts/recorded.ts";
import { checkPlan } from "../plan/check.ts";
import type { Plan } from "../plan/plan.ts";
import { loadResources, parseSpec } from "../spec/load.ts";
import { limitLine } from "./cgroups/golden.ts";
import type { ManagedUnit } from "./cgroups/systemd/unit.ts";
import { planUpdate } from "./update.ts";

const V2 = "/sys/fs/cgroup/system.slice/demo";
const V1 = (controller: string) => `/sys/fs/cgroup/${controller}/demo`;
const PATHS = {
  v2: { "": V2 },
  hybrid: Object.fromEntries([
    ["", "/sys/fs/cgroup/unified/demo"],
    ...["cpu", "memory", "pids", "cpuset", "blkio"].map((name) => [name, V1(name)]),
  ]),
};

interface Case {
  readonly host?: "v2" | "hybrid";
  /** linux.resources as they are recorded, as JSON. */
  readonly before?: string;
  readonly change: string;
  /** With the systemd driver. */
  readonly managed?: ManagedUnit | undefined;
  readonly files?: Readonly<Record<string, string>>;
}

function plan({ host = "v2", before = "{}", change, files = {}, managed }: Case): Plan {
  const config = parseSpec(
    `{"ociVersion":"1.3.0","root":{"path":"rootfs"},"process":{"args":["x"],"cwd":"/"},"linux":{"resources":${before}}}`,
    "config.json",
  );
  const there = Object.fromEntries(Object.values(PATHS[host]).map((path) => [`${path}/cgroup.procs`, "1\n"]));
  const more = { ...there, [`${V2}/cgroup.controllers`]: "cpu io memory pids\n", ...files };
  const facts = recordedFacts(host as FixtureName, more);
  const made = planUpdate({
    id: "demo",
    config,
    file: "/run/tsoci/demo/config.json",
    paths: PATHS[host],
    managed,
    change: loadResources(change, "change"),
    facts,
  });
  return made;
}

function lines(section: "host" | "undo", wanted: Case): string[] {
  return (plan(wanted).sections[section] ?? []).flatMap((operation) =>
    operation.op === "write" && operation.from !== "state" ? [limitLine(operation)] : [],
  );
}

function recorded(wanted: Case): string {
  const last = plan(wanted).sections.host?.at(-1);
  return last?.op === "write" && typeof last.data === "string" ? last.data : "";
}

test("only the parts that change are written, with the values that stay", async (t) => {
  const before = '{"cpu":{"quota":50000,"period":200000,"shares":1024},"pids":{"limit":5}}';
  t.strictSame(lines("host", { before, change: '{"cpu":{"quota":60000}}' }), [
    "cpu/shares: cpu.weight = 100",
    "cpu/quota: cpu.max = 60000 200000",
  ]);
  t.strictSame(lines("host", { before, change: "{}" }), []);
  t.strictSame(lines("host", { before, change: '{"devices":[{"allow":true}]}' }), [], "devices are not touched");
});

test("swap follows the limit of memory on v2", async (t) => {
  const before = '{"memory":{"limit":1000,"swap":3000}}';
  t.strictSame(lines("host", { before, change: '{"memory":{"limit":2000}}' }), [
    "memory/swap: memory.swap.max = 1000",
    "memory/limit: memory.max = 2000",
  ]);
  t.strictSame(lines("host", { before, change: '{"memory":{"limit":-1}}' }), [
    "memory/limit: memory.swap.max = max ?",
    "memory/limit: memory.max = max",
  ]);
  t.throws(() => plan({ before, change: '{"memory":{"limit":4000}}' }), {
    code: "config",
    pointer: "/linux/resources/memory/swap",
  });
});

test("v1: the larger one of memory and swap first, when they grow and when they shrink", async (t) => {
  const files = (limit: string, swap: string) => ({
    [`${V1("memory")}/memory.limit_in_bytes`]: limit,
    [`${V1("memory")}/memory.memsw.limit_in_bytes`]: swap,
  });
  const grow: Case = { host: "hybrid", change: '{"memory":{"limit":300,"swap":400}}', files: files("100\n", "200\n") };
  t.strictSame(lines("host", grow), [
    "memory/swap: memory.memsw.limit_in_bytes = 400",
    "memory/limit: memory.limit_in_bytes = 300",
  ]);
  t.strictSame(lines("undo", grow), [
    "memory/limit: memory.limit_in_bytes = 100 ?",
    "memory/swap: memory.memsw.limit_in_bytes = 200 ?",
  ]);
  t.strictSame(lines("host", { ...grow, files: files("1000\n", "2000\n") }), [
    "memory/limit: memory.limit_in_bytes = 300",
    "memory/swap: memory.memsw.limit_in_bytes = 400",
  ]);
});

test("v1: quota and period in the order that the parent's quota allows", async (t) => {
  const order = (quota: string, period: string, change: string) =>
    lines("host", {
      host: "hybrid",
      change: `{"cpu":${change}}`,
      files: { [`${V1("cpu")}/cpu.cfs_quota_us`]: quota, [`${V1("cpu")}/cpu.cfs_period_us`]: period },
    }).map((line) => /cfs_(\w+)_us/.exec(line)?.[1]);
  t.strictSame(order("50000\n", "100000\n", '{"quota":20000,"period":50000}'), ["quota", "period"]);
  t.strictSame(order("20000\n", "50000\n", '{"quota":50000,"period":100000}'), ["period", "quota"]);
  t.strictSame(order("-1\n", "100000\n", '{"quota":20000,"period":50000}'), ["quota", "period"]);
  t.strictSame(order("20000\n", "50000\n", '{"quota":-1,"period":100000}'), ["period", "quota"]);
});

test("a burst shrinks before its quota, and grows after it; what is idle stops being so before it gets shares", async (t) => {
  const files = { [`${V2}/cpu.max.burst`]: "40000\n" };
  const change = (burst: number) => `{"cpu":{"quota":50000,"burst":${burst}}}`;
  t.match(lines("host", { change: change(100), files })[0], "cpu.max.burst");
  t.match(lines("host", { change: change(45000), files })[0], "cpu.max =");
  t.strictSame(lines("host", { before: '{"cpu":{"idle":1}}', change: '{"cpu":{"idle":0,"shares":1024}}' }), [
    "cpu/idle: cpu.idle = 0 ?",
    "cpu/shares: cpu.weight = 100",
  ]);
});

test("v1: the OOM killer can be enabled again", async (t) => {
  const files = { [`${V1("memory")}/memory.oom_control`]: "oom_kill_disable 1\nunder_oom 0\noom_kill 0\n" };
  const wanted: Case = { host: "hybrid", change: '{"memory":{"disableOOMKiller":false}}', files };
  t.strictSame(lines("host", wanted), ["memory/disableOOMKiller: memory.oom_control = 0"]);
  t.strictSame(lines("undo", wanted), ["memory/disableOOMKiller: memory.oom_control = 1 ?"]);
});

test("checkBeforeUpdate refuses what is below use", async (t) => {
  const files = { [`${V2}/memory.current`]: "1500\n", [`${V2}/memory.swap.current`]: "700\n" };
  const before = '{"memory":{"checkBeforeUpdate":true}}';
  t.throws(() => plan({ before, change: '{"memory":{"limit":1000}}', files }), {
    code: "state",
    pointer: "/linux/resources/memory/limit",
    message: "1500 bytes are in use, more than the limit of 1000",
  });
  t.throws(() => plan({ before, change: '{"memory":{"limit":2000,"swap":2500}}', files }), {
    code: "state",
    pointer: "/linux/resources/memory/swap",
  });
  t.equal(lines("host", { change: '{"memory":{"limit":1000}}', files }).length, 1, "nobody asked for it");
});

test("v2: a controller that was not asked for at create is handed down", async (t) => {
  const { host = [], undo } = plan({ change: '{"cpu":{"cpus":"0"}}' }).sections;
  t.strictSame(
    host
      .flatMap((operation) => (operation.op === "write" ? [`${operation.path} = ${operation.data}`] : []))
      .slice(0, 3),
    [
      "/sys/fs/cgroup/cgroup.subtree_control = +cpuset",
      "/sys/fs/cgroup/system.slice/cgroup.subtree_control = +cpuset",
      `${V2}/cpuset.cpus = 0`,
    ],
  );
  t.strictSame(undo, [], "there is nothing to take back");
  t.throws(
    () => plan({ change: '{"rdma":{"mlx5":{"hcaHandles":1}}}', files: { "/sys/fs/cgroup/cgroup.controllers": "cpu" } }),
    {
      code: "host",
      pointer: "/linux/resources/rdma/mlx5",
    },
  );
});

test("what was there before is written back, for each kind of file", async (t) => {
  const undo = (change: string, files: Record<string, string>, host: "v2" | "hybrid" = "v2") =>
    lines("undo", { change, files, host });
  t.strictSame(undo('{"cpu":{"quota":1000}}', { [`${V2}/cpu.max`]: "max 100000\n" }), [
    "cpu/quota: cpu.max = max 100000 ?",
  ]);
  t.strictSame(undo('{"cpu":{"cpus":"0"}}', { [`${V2}/cpuset.cpus`]: "\n" }), ["cpu/cpus: cpuset.cpus = \n ?"]);
  const io = '{"blockIO":{"throttleReadBpsDevice":[{"major":8,"minor":0,"rate":5}]}}';
  const line = "8:0 rbps=1 wbps=max riops=max wiops=max";
  t.strictSame(undo(io, { [`${V2}/io.max`]: `${line}\n` }), [`blockIO/throttleReadBpsDevice/0: io.max = ${line} ?`]);
  t.match(undo(io, { [`${V2}/io.max`]: "" }), [/io.max = 8:0 rbps=max wbps=max riops=max wiops=max \?$/]);
  const v1 = { [`${V1("blkio")}/blkio.throttle.read_bps_device`]: "9:0 7\n" };
  t.match(undo(io, v1, "hybrid"), [/read_bps_device = 8:0 0 \?$/]);
});

test("the record holds what is true now, with exact integers", async (t) => {
  const before = '{"memory":{"limit":9223372036854775807},"pids":{"limit":1}}';
  const text = recorded({ before, change: '{"memory":{"reservation":9223372036854775806}}' });
  t.match(text, '"memory":{"limit":9223372036854775807,"reservation":9223372036854775806}');
  t.strictSame(parseSpec(text, "x").spec.linux?.resources?.pids, { limit: 1 });
});

test("limits that the container can't have", async (t) => {
  t.throws(() => plan({ host: "hybrid", change: '{"unified":{"memory.high":"1"}}' }), { code: "host" });
  t.throws(() => plan({ host: "hybrid", change: '{"hugepageLimits":[{"pageSize":"2MB","limit":1}]}' }), {
    code: "host",
    pointer: "/linux/resources/hugepageLimits/0",
  });
  t.throws(() => plan({ change: '{"cpu":{"realtimeRuntime":5}}' }), { code: "host" });
});

test("the plans are sound", async (t) => {
  const change = '{"cpu":{"quota":1000,"cpus":"0"},"memory":{"limit":1000},"pids":{"limit":5}}';
  for (const host of ["v2", "hybrid"] as const) t.strictSame(checkPlan(plan({ host, change })), [], host);
});

const SCOPE: ManagedUnit = {
  unit: {
    name: "demo.scope",
    slice: "system.slice",
    path: "/system.slice/demo.scope",
    parts: { parent: "", prefix: "", name: "" },
  },
  manager: { scope: "--system", busctl: "/usr/bin/busctl", systemctl: "/usr/bin/systemctl", env: [] },
};

test("systemd is told first, and told what was when a limit is refused", async (t) => {
  const files = { [`${V2}/pids.max`]: "max\n", [`${V2}/memory.max`]: "1048576\n" };
  const change = '{"pids": {"limit": 5}, "memory": {"limit": 2097152}}';
  const { sections } = plan({ change, files, managed: SCOPE });
  const { host: [, first] = [], undo: [back] = [] } = sections;
  const tail = (operation: typeof first) => (operation?.op === "spawn" ? operation.args.slice(9) : []);
  const call = ["SetUnitProperties", "sba(sv)", "demo.scope", "true", "2"];
  t.strictSame(tail(first), [...call, "MemoryMax", "t", "2097152", "TasksMax", "t", "5"]);
  t.strictSame(tail(back), [...call, "TasksMax", "t", "18446744073709551615", "MemoryMax", "t", "1048576"]);
  t.match(back, { flags: ["optional"] });
  t.strictSame(checkPlan({ failure: "", failureStatus: 1, sections }), []);
  const unknown = plan({ change: '{"hugepageLimits": []}', managed: SCOPE }).sections.host ?? [];
  t.notOk(unknown.some(({ op }) => op === "spawn"));
});
