/** How the kernel runs the process: process.scheduler, ioPriority, execCPUAffinity; linux.personality, memoryPolicy. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { execa } from "execa";
import { has } from "../harness/cgroups.ts";
import { output } from "../harness/output.ts";
import {
  type Box,
  baseConfig,
  type Config,
  type Container,
  e2e,
  merge,
  nothingLeft,
  read,
  refused,
  statusField,
  succeeded,
  type Test,
} from "../harness.ts";

/** CAP_SYS_NICE */
const mayRaise = (BigInt(`0x${statusField(process.pid, "CapEff")}`) & (1n << 23n)) !== 0n;
const needsNice = mayRaise ? false : "this host has no CAP_SYS_NICE";
const needsNodes = read("/proc/self/numa_maps") === undefined ? "this kernel has no NUMA" : false;
const processors = readdirSync("/sys/devices/system/cpu").filter((name) => /^cpu\d+$/.test(name)).length;
const needsTwo = processors < 2 ? "this host has one CPU" : false;
const needsCpuset = has("cpuset") ? needsTwo : "this host has no cpuset controller";

const USER_NAMESPACE: Config = {
  linux: {
    namespaces: ["user", "mount", "pid", "network", "ipc", "uts"].map((type) => ({ type })),
    uidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
    gidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
  },
};

/** A process that never forks: the deadline scheduler forbids it. */
function idle(process: Config, change: Config = {}): Config {
  return merge(baseConfig({ process: { args: ["sleep", "1000"], ...process } }), change);
}

/** In the runtime's own cgroups: a new one of v1 has no time for real-time processes. */
async function started(t: Test, box: Box, process: Config, change?: Config): Promise<Container> {
  const c = box.container(idle(process, change));
  const global = ["--root", box.root, "--cgroup-manager=disabled"];
  succeeded(t, await c.run(["-d"], { global }), JSON.stringify(process));
  return c;
}

/** Of /proc/PID/stat (proc_pid_stat(5)). */
function schedulingOf(pid: number) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const field = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  return { nice: field[16], realtime: field[37], policy: field[38] };
}

const SCHEDULERS: readonly (readonly [Config, ReturnType<typeof schedulingOf>])[] = [
  [{ policy: "SCHED_OTHER" }, { policy: 0, nice: 0, realtime: 0 }],
  [
    { policy: "SCHED_OTHER", nice: 5 },
    { policy: 0, nice: 5, realtime: 0 },
  ],
  [
    { policy: "SCHED_OTHER", nice: -5 },
    { policy: 0, nice: -5, realtime: 0 },
  ],
  [
    { policy: "SCHED_BATCH", nice: 19 },
    { policy: 3, nice: 19, realtime: 0 },
  ],
  [{ policy: "SCHED_IDLE" }, { policy: 5, nice: 0, realtime: 0 }],
  [
    { policy: "SCHED_FIFO", priority: 3 },
    { policy: 1, nice: 0, realtime: 3 },
  ],
  [
    { policy: "SCHED_RR", priority: 99 },
    { policy: 2, nice: 0, realtime: 99 },
  ],
];

e2e(
  "scheduler: policy, nice and priority, for an ordinary user too",
  async (t, box) => {
    for (const [scheduler, expected] of SCHEDULERS) {
      const c = await started(t, box, { scheduler, user: { uid: 1000, gid: 1000 } });
      t.strictSame(schedulingOf(await c.pid()), expected, JSON.stringify(scheduler));
    }
  },
  { skip: needsNice },
);

e2e(
  "scheduler: in a user namespace it takes the runtime's privileges",
  async (t, box) => {
    const process = {
      scheduler: { policy: "SCHED_FIFO", priority: 1 },
      ioPriority: { class: "IOPRIO_CLASS_RT", priority: 2 },
    };
    const c = await started(t, box, process, USER_NAMESPACE);
    const pid = await c.pid();
    t.match(schedulingOf(pid), { policy: 1, realtime: 1 });
    t.equal((await execa("ionice", ["-p", String(pid)])).stdout, "realtime: prio 2");
  },
  { skip: needsNice },
);

e2e(
  "scheduler: deadline, with its times and flags",
  async (t, box) => {
    const times = { runtime: 1_000_000, deadline: 10_000_000, period: 20_000_000 };
    const c = await started(t, box, { scheduler: { policy: "SCHED_DEADLINE", ...times } });
    const pid = await c.pid();
    t.equal(schedulingOf(pid).policy, 6);
    const { stdout } = await execa("chrt", ["-p", String(pid)]);
    t.match(stdout, /runtime\/deadline\/period parameters: 1000000\/10000000\/20000000$/);
    const flags = ["SCHED_FLAG_RESET_ON_FORK"];
    const reset = await started(t, box, { scheduler: { policy: "SCHED_RR", priority: 1, flags } });
    t.match((await execa("chrt", ["-p", String(await reset.pid())])).stdout, /SCHED_RR\|SCHED_RESET_ON_FORK/);
  },
  { skip: needsNice },
);

e2e("scheduler: what the kernel refuses names the entry", async (t, box) => {
  const bad = async (scheduler: Config, message: string | RegExp) =>
    refused(t, await box.container(idle({ scheduler })).create(), message, JSON.stringify(scheduler));
  await bad(
    { policy: "SCHED_ISO" },
    "create failed: /process/scheduler: set the scheduler to SCHED_ISO: invalid argument",
  );
  await bad({ policy: "SCHED_FIFO" }, /^create failed: \/process\/scheduler\/priority: must be from 1 to 99/);
  await bad({ policy: "SCHED_NOPE" }, /^create failed: \/process\/scheduler\/policy: /);
  await bad({ policy: "SCHED_OTHER", nice: 20 }, /^create failed: \/process\/scheduler\/nice: /);
  await nothingLeft(t, box);
});

e2e("ioPriority", async (t, box) => {
  for (const [ioPriority, expected] of [
    [{ class: "IOPRIO_CLASS_BE", priority: 7 }, "best-effort: prio 7"],
    [{ class: "IOPRIO_CLASS_BE", priority: 0 }, "best-effort: prio 0"],
    [{ class: "IOPRIO_CLASS_IDLE", priority: 0 }, "idle"],
    ...(mayRaise ? [[{ class: "IOPRIO_CLASS_RT", priority: 4 }, "realtime: prio 4"] as const] : []),
  ] as const) {
    const c = await started(t, box, { ioPriority, user: { uid: 1000, gid: 1000 } });
    t.equal((await execa("ionice", ["-p", String(await c.pid())])).stdout, expected);
  }
  const ioPriority = { class: "IOPRIO_CLASS_BE", priority: 8 };
  refused(
    t,
    await box.container(idle({ ioPriority })).create(),
    /^create failed: \/process\/ioPriority\/priority: /,
    "8",
  );
});

e2e("personality: of init, and of what exec runs", async (t, box) => {
  const linux = { personality: { domain: "LINUX32" } };
  const c = await started(t, box, {}, { linux });
  t.match(read(`/proc/${await c.pid()}/personality`), /^0*8\n$/);
  const machine = { x64: "i686", arm64: "armv8l" }[process.arch as string];
  t.equal((await c.exec(["uname", "-m"])).stdout, `${machine}\n`);
  const same = await started(t, box, {}, { linux: { personality: { domain: "LINUX" } } });
  t.match(read(`/proc/${await same.pid()}/personality`), /^0+\n$/);
  const wrong = { linux: { personality: { domain: "LINUX64" } } };
  refused(
    t,
    await box.container(idle({}, wrong)).create(),
    /^create failed: \/linux\/personality\/domain: /,
    "LINUX64",
  );
});

e2e(
  "memoryPolicy: of init, and of what exec runs",
  async (t, box) => {
    const policies: readonly (readonly [Config, string])[] = [
      [{ mode: "MPOL_BIND", nodes: "0" }, "bind:0"],
      [{ mode: "MPOL_INTERLEAVE", nodes: "0", flags: ["MPOL_F_STATIC_NODES"] }, "interleave=static:0"],
      [{ mode: "MPOL_PREFERRED", nodes: "0", flags: ["MPOL_F_RELATIVE_NODES"] }, "prefer=relative:0"],
      [{ mode: "MPOL_LOCAL" }, "local"],
      [{ mode: "MPOL_DEFAULT" }, "default"],
    ];
    for (const [memoryPolicy, expected] of policies) {
      const c = await started(t, box, {}, { linux: { memoryPolicy } });
      const maps = await c.exec(["cat", "/proc/self/numa_maps"]);
      for (const text of [read(`/proc/${await c.pid()}/numa_maps`) ?? "", maps.stdout]) {
        t.strictSame(
          [
            ...new Set(
              text
                .trim()
                .split("\n")
                .map((line) => line.split(" ")[1]),
            ),
          ],
          [expected],
        );
      }
    }
    const memoryPolicy = { mode: "MPOL_BIND", nodes: "63" };
    refused(
      t,
      await box.container(idle({}, { linux: { memoryPolicy } })).create(),
      "create failed: /linux/memoryPolicy: set the memory policy MPOL_BIND: invalid argument",
      "a node that is not there",
    );
  },
  { skip: needsNodes },
);

const ALLOWED = "grep Cpus_allowed_list /proc/self/status | cut -f2";
const pinned = { through: ["taskset", "-c", "1"] };

e2e(
  "the affinity of the caller is not the container's",
  async (t, box) => {
    const all = `${statusField(process.pid, "Cpus_allowed_list")}\n`;
    const c = box.container(baseConfig({ process: { args: ["sh", "-c", ALLOWED] } }));
    t.equal((await c.run([], pinned)).stdout, all);
    const running = await started(t, box, {});
    t.equal((await running.exec(["sh", "-c", ALLOWED], pinned)).stdout, all);
  },
  { skip: needsTwo },
);

e2e(
  "the cpuset of the container decides about its affinity",
  async (t, box) => {
    const change = { linux: { resources: { cpu: { cpus: "0" } } } };
    t.equal(await output(box, ALLOWED, {}, change), "0\n");
    const c = box.container(idle({ execCPUAffinity: { initial: "1" } }, change));
    succeeded(t, await c.run(["-d"]), "run");
    t.equal(statusField(await c.pid(), "Cpus_allowed_list"), "0", "execCPUAffinity is not for init");
    t.equal((await c.exec(["sh", "-c", ALLOWED], pinned)).stdout, "0\n");
  },
  { skip: needsCpuset },
);

e2e(
  "execCPUAffinity: final is what the process runs on",
  async (t, box) => {
    const c = await started(t, box, { execCPUAffinity: { initial: "0", final: "1" } });
    t.equal((await c.exec(["sh", "-c", ALLOWED])).stdout, "1\n");
    const all = statusField(process.pid, "Cpus_allowed_list");
    t.equal(statusField(await c.pid(), "Cpus_allowed_list"), all, "init runs anywhere");
    const file = box.path("process.json");
    const of = async (execCPUAffinity: Config) => {
      writeFileSync(
        file,
        JSON.stringify({ args: ["sh", "-c", ALLOWED], env: ["PATH=/bin"], cwd: "/", execCPUAffinity }),
      );
      return c.exec([], undefined, ["-p", file]);
    };
    t.equal((await of({ final: "0" })).stdout, "0\n");
    t.equal((await of({ initial: "1" })).stdout, "1\n", "without a change of cpuset the kernel leaves it");
    t.equal((await of({ final: "" })).stdout, `${all}\n`);
    refused(
      t,
      await of({ final: "4095" }),
      "exec failed: /execCPUAffinity/final: set the CPU affinity: invalid argument",
      "no such CPU",
      255,
    );
    refused(t, await of({ initial: "x" }), /^exec failed: \/execCPUAffinity\/initial: must be a list/, "no list", 255);
  },
  { skip: needsTwo },
);
