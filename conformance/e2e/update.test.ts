/** update: limits read back from cgroupfs, and what later commands know of them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { place, UNIFIED, without } from "../harness/cgroups.ts";
import {
  type Box,
  type Config,
  type Container,
  e2e,
  read,
  refused,
  sleeper,
  succeeded,
  type Test,
} from "../harness.ts";

interface Change {
  readonly flags: readonly string[];
  readonly controller: string;
  /** file → content */
  readonly v1: Readonly<Record<string, string>>;
  readonly v2: Readonly<Record<string, string>>;
}

const CHANGES: readonly Change[] = [
  {
    flags: ["--memory", "64m", "--memory-swap", "128m", "--memory-reservation=32MiB"],
    controller: "memory",
    v1: {
      "memory.limit_in_bytes": "67108864",
      "memory.memsw.limit_in_bytes": "134217728",
      "memory.soft_limit_in_bytes": "33554432",
    },
    v2: { "memory.max": "67108864", "memory.low": "33554432" },
  },
  {
    flags: ["--memory", "256m", "--memory-swap", "512m"],
    controller: "memory",
    v1: { "memory.limit_in_bytes": "268435456", "memory.memsw.limit_in_bytes": "536870912" },
    v2: { "memory.max": "268435456" },
  },
  {
    flags: ["--memory=-1"],
    controller: "memory",
    v1: { "memory.limit_in_bytes": "9223372036854771712", "memory.memsw.limit_in_bytes": "9223372036854771712" },
    v2: { "memory.max": "max" },
  },
  {
    flags: ["--cpu-quota", "50000", "--cpu-period", "200000", "--cpu-share", "512"],
    controller: "cpu",
    v1: { "cpu.cfs_quota_us": "50000", "cpu.cfs_period_us": "200000", "cpu.shares": "512" },
    v2: { "cpu.max": "50000 200000" },
  },
  {
    flags: ["--cpu-quota", "30000", "--cpu-burst", "10000"],
    controller: "cpu",
    v1: { "cpu.cfs_quota_us": "30000", "cpu.cfs_period_us": "200000", "cpu.cfs_burst_us": "10000" },
    v2: { "cpu.max": "30000 200000", "cpu.max.burst": "10000" },
  },
  {
    flags: ["--cpu-period", "100000"],
    controller: "cpu",
    v1: { "cpu.cfs_quota_us": "30000", "cpu.cfs_period_us": "100000", "cpu.shares": "512" },
    v2: { "cpu.max": "30000 100000" },
  },
  { flags: ["--cpu-idle", "1"], controller: "cpu", v1: { "cpu.idle": "1" }, v2: { "cpu.idle": "1" } },
  {
    flags: ["--cpu-idle", "0", "--cpu-share", "2048"],
    controller: "cpu",
    v1: { "cpu.idle": "0", "cpu.shares": "2048" },
    v2: { "cpu.idle": "0" },
  },
  {
    flags: ["--cpuset-cpus", "0", "--cpuset-mems", "0"],
    controller: "cpuset",
    v1: { "cpuset.cpus": "0", "cpuset.mems": "0" },
    v2: { "cpuset.cpus": "0", "cpuset.mems": "0" },
  },
  { flags: ["--pids-limit", "42"], controller: "pids", v1: { "pids.max": "42" }, v2: { "pids.max": "42" } },
  { flags: ["-pids-limit=-1"], controller: "pids", v1: { "pids.max": "max" }, v2: { "pids.max": "max" } },
];

const update = (c: Container, ...flags: string[]) => c.box.tsoci(["update", ...flags, c.id]);

function holds(t: Test, pid: number, { controller, v1, v2, flags }: Change): void {
  const directory = place(pid, controller);
  for (const [file, content] of Object.entries(UNIFIED ? v2 : v1)) {
    t.equal(read(join(directory, file))?.trim(), content, `${flags.join(" ")}: ${file}`);
  }
}

/** linux.resources as the container's record has them. */
function recorded(box: Box, c: Container): Config {
  return JSON.parse(readFileSync(join(box.root, c.id, "config.json"), "utf8")).linux.resources;
}

e2e("each flag, one update after the other", async (t, box) => {
  const c = box.container(sleeper());
  await c.run(["-d"]);
  const pid = await c.pid();
  for (const change of CHANGES.filter(({ controller }) => without(controller) === false)) {
    succeeded(t, await update(c, ...change.flags), `update ${change.flags.join(" ")}`);
    holds(t, pid, change);
  }
  succeeded(t, await c.exec(["true"]), "exec works as before");
  t.equal(await c.status(), "running");
});

e2e(
  "update --resources from a file, and from standard input",
  async (t, box) => {
    const c = box.container(sleeper({ linux: { resources: { pids: { limit: 100 } } } }));
    await c.create();
    const file = box.path("resources.json");
    // containerd sends the whole of linux.resources, with rules on devices.
    writeFileSync(
      file,
      JSON.stringify({ pids: { limit: 50 }, devices: [{ allow: false, access: "rwm" }], memory: null }),
    );
    const directory = place(await c.pid(), "pids");
    const limit = () => read(join(directory, "pids.max"))?.trim();
    succeeded(t, await update(c, "--resources", file, "--pids-limit", "7"), "from a file; other flags are ignored");
    t.equal(limit(), "50");
    for (const [flags, value] of [
      [["--resources=-"], 60],
      [["-r", "-"], 70],
    ] as const) {
      const input = JSON.stringify({ pids: { limit: value } });
      succeeded(t, await box.tsoci(["update", ...flags, c.id], { input }), flags.join(" "));
      t.equal(limit(), String(value));
    }
    t.strictSame(recorded(box, c), { pids: { limit: 70 } });
    const bad = await box.tsoci(["update", "-r", "-", c.id], { input: '{"pids":{"limit":"x"}}' });
    refused(
      t,
      bad,
      '/pids/limit: must be an integer from -9223372036854775808 to 9223372036854775807, not "x" (standard input:1:18)',
      "a wrong file",
    );
    refused(
      t,
      await update(c, "-r", "/nonexistent.json"),
      "can't read /nonexistent.json: no such file or directory",
      "no file",
    );
  },
  { skip: without("pids") },
);

e2e(
  "when one limit is refused, those written before are taken back",
  async (t, box) => {
    const c = box.container(sleeper({ linux: { resources: { cpu: { quota: 50_000 }, pids: { limit: 100 } } } }));
    await c.run(["-d"]);
    const pid = await c.pid();
    const cpu = UNIFIED ? "cpu.max" : "cpu.cfs_quota_us";
    const [before, record] = [read(join(place(pid, "cpu"), cpu)), recorded(box, c)];
    // There is no such device, which only the kernel knows.
    const nowhere = [{ major: 4095, minor: 255, rate: 1 }];
    const input = JSON.stringify({
      cpu: { quota: 60_000 },
      pids: { limit: 5 },
      blockIO: { throttleReadBpsDevice: nowhere },
    });
    const outcome = await box.tsoci(["update", "-r", "-", c.id], { input });
    t.equal(outcome.code, 1);
    t.match(outcome.stderr, /^tsoci: \/linux\/resources\/blockIO\/throttleReadBpsDevice\/0: [^\n]+: no such device\n$/);
    t.equal(read(join(place(pid, "cpu"), cpu)), before);
    t.equal(read(join(place(pid, "pids"), "pids.max"))?.trim(), "100");
    t.strictSame(recorded(box, c), record);
  },
  { skip: without("cpu") || without("pids") || without(UNIFIED ? "io" : "blkio") },
);

e2e("what can't be is refused by name", async (t, box) => {
  const c = box.container(sleeper({ linux: { resources: { memory: { limit: 64 << 20, swap: 128 << 20 } } } }));
  await c.run(["-d"]);
  const bad = async (message: string | RegExp, ...flags: string[]) =>
    refused(t, await update(c, ...flags), message, flags.join(" "));
  await bad("/linux/resources/memory/swap: must not be less than limit, 268435456", "--memory", "256m");
  await bad("/memory/swap: must not be less than limit, 2097152", "--memory", "2m", "--memory-swap", "1m");
  await bad(/^\/linux\/resources\/cpu\/cpus: write [^:]+cpuset\.cpus: the value "999": /, "--cpuset-cpus", "999");
  await bad(
    "/linux/intelRdt: --l3-cache-schema needs a container that was created with Intel RDT",
    "--l3-cache-schema",
    "L3:0=f",
  );
  await bad(/^invalid value "12xx" for flag --memory: /, "--memory", "12xx");
  t.equal(
    read(join(place(await c.pid(), "memory"), UNIFIED ? "memory.max" : "memory.limit_in_bytes"))?.trim(),
    "67108864",
  );
  const { code, stderr } = await update(c, "--kernel-memory", "12m");
  t.strictSame(
    { code, stderr },
    { code: 0, stderr: "tsoci: warning: limits of kernel memory are ignored: kernels since 5.16 have none\n" },
  );
  succeeded(t, await update(c), "nothing to change");
});

e2e("created and paused containers have limits, stopped ones have not", async (t, box) => {
  const c = box.container(sleeper());
  refused(t, await update(c, "--memory", "64m"), "container does not exist", "no container");
  await c.create();
  succeeded(t, await update(c, "--pids-limit", "20"), "created");
  succeeded(t, await c.start(), "start");
  succeeded(t, await box.tsoci(["pause", c.id]), "pause");
  succeeded(t, await update(c, "--pids-limit", "30"), "paused");
  t.equal(await c.status(), "paused");
  t.equal(read(join(place(await c.pid(), "pids"), "pids.max"))?.trim(), "30");
  await c.kill("KILL");
  await c.waitFor("stopped");
  refused(t, await update(c, "--pids-limit", "40"), "container not running", "stopped");
});
