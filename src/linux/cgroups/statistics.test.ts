/** Counters of the kernel in, the shape of `runc events` out (CLI.md 2.3). */
import { test } from "tap";
import { exactJson } from "../../base/exact-json.ts";
import { recordedFiles } from "../../facts/recorded.ts";
import { statistics } from "./statistics.ts";

function of(paths: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>) {
  return JSON.parse(exactJson(statistics(paths, recordedFiles({ files, writable: [] }))));
}

const V2 = { "": "/cg/demo" };

/** The directories of a v1 host, and its files by controller. */
function v1(controllers: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  const paths = Object.fromEntries(Object.keys(controllers).map((name) => [name, `/cg/${name}/demo`]));
  const files = Object.entries(controllers).flatMap(([name, texts]) =>
    Object.entries(texts).map(([file, text]) => [`/cg/${name}/demo/${file}`, text]),
  );
  return of({ ...paths, "": "/cg/unified/demo" }, Object.fromEntries(files));
}

const v2 = (files: Readonly<Record<string, string>>) =>
  of(V2, Object.fromEntries(Object.entries(files).map(([name, text]) => [`/cg/demo/${name}`, text])));

const CPUSET = {
  cpu_exclusive: 0,
  mem_hardwall: 0,
  mem_exclusive: 0,
  memory_migrate: 0,
  memory_spread_page: 0,
  memory_spread_slab: 0,
  memory_pressure: 0,
  sched_load_balance: 0,
  sched_relax_domain_level: 0,
};

test("a container without counters: what decoders expect to be there is there", async (t) => {
  const nothing = { cpu: {}, cpuset: CPUSET, memory: {}, pids: {}, blkio: {}, hugetlb: {}, intel_rdt: {} };
  t.strictSame(of({}, {}), { ...nothing, network_interfaces: null });
  t.strictSame(v2({}), { ...nothing, network_interfaces: null });
});

test("v1: CPU", async (t) => {
  const { cpu } = v1({
    cpu: { "cpu.stat": "nr_periods 5\nnr_throttled 2\nthrottled_time 300\n" },
    cpuacct: {
      "cpuacct.usage": "1000\n",
      "cpuacct.usage_percpu": "400 600 \n",
      "cpuacct.usage_all": "cpu user system\n0 100 300\n1 200 400\n",
      "cpuacct.stat": "user 3\nsystem 7\n",
    },
  });
  t.strictSame(cpu, {
    usage: {
      total: 1000,
      percpu: [400, 600],
      percpu_kernel: [300, 400],
      percpu_user: [100, 200],
      kernel: 70_000_000,
      user: 30_000_000,
    },
    throttling: { periods: 5, throttledPeriods: 2, throttledTime: 300 },
  });
});

test("v2: CPU, with pressure", async (t) => {
  const line = (kind: string) => `${kind} avg10=0.50 avg60=1.25 avg300=0.00 total=99\n`;
  const { cpu } = v2({
    "cpu.stat":
      "usage_usec 10\nuser_usec 4\nsystem_usec 6\nnr_periods 1\nnr_throttled 0\nthrottled_usec 2\nnr_bursts 0\n",
    "cpu.pressure": line("some") + line("full"),
  });
  const psi = { avg10: 0.5, avg60: 1.25, avg300: 0, total: 99 };
  t.strictSame(cpu, {
    usage: { total: 10_000, kernel: 6000, user: 4000 },
    throttling: { periods: 1, throttledTime: 2000 },
    psi: { some: psi, full: psi },
  });
});

test("v1: cpuset", async (t) => {
  const { cpuset } = v1({
    cpuset: {
      "cpuset.cpus": "0-2,7\n",
      "cpuset.mems": "0\n",
      "cpuset.sched_load_balance": "1\n",
      "cpuset.sched_relax_domain_level": "-1\n",
    },
  });
  const set = { cpus: [0, 1, 2, 7], mems: [0], sched_load_balance: 1, sched_relax_domain_level: -1 };
  t.strictSame(cpuset, { ...CPUSET, ...set });
});

test("v1: memory; no limit is the greatest number, exactly", async (t) => {
  const files = (prefix: string, usage: number) => ({
    [`${prefix}.limit_in_bytes`]: "9223372036854771712\n",
    [`${prefix}.usage_in_bytes`]: `${usage}\n`,
    [`${prefix}.max_usage_in_bytes`]: `${2 * usage}\n`,
    [`${prefix}.failcnt`]: "3\n",
  });
  const memory = {
    ...files("memory", 100),
    ...files("memory.memsw", 150),
    ...files("memory.kmem", 0),
    "memory.stat": "cache 40\nrss 60\n",
  };
  const text = exactJson(
    statistics(
      { memory: "/cg/memory/demo", "": "/cg/unified/demo" },
      recordedFiles({
        files: Object.fromEntries(Object.entries(memory).map(([name, value]) => [`/cg/memory/demo/${name}`, value])),
        writable: [],
      }),
    ),
  );
  t.match(text, '"usage":{"limit":9223372036854771712,"usage":100,"max":200,"failcnt":3}');
  t.match(text, '"swap":{"limit":9223372036854771712,"usage":150,"max":300,"failcnt":3}');
  t.match(text, '"kernel":{"limit":9223372036854771712,"failcnt":3}');
  t.notMatch(text, "kernelTCP");
  t.match(text, '"raw":{"cache":40,"rss":60}');
});

test("v2: memory, with swap as v1 counts it", async (t) => {
  const files = {
    "memory.current": "100\n",
    "memory.max": "1000\n",
    "memory.peak": "200\n",
    "memory.events": "low 0\nhigh 0\nmax 4\noom 1\noom_kill 1\n",
    "memory.swap.current": "50\n",
    "memory.swap.max": "500\n",
    "memory.stat": "anon 60\nfile 40\n",
  };
  const { memory } = v2(files);
  t.strictSame(memory, {
    cache: 40,
    usage: { limit: 1000, usage: 100, max: 200, failcnt: 4 },
    swap: { limit: 1500, usage: 150, failcnt: 0 },
    raw: { anon: 60, file: 40 },
  });
  const unlimited = exactJson(
    statistics(
      V2,
      recordedFiles({ files: { "/cg/demo/memory.max": "max\n", "/cg/demo/memory.swap.max": "5\n" }, writable: [] }),
    ),
  );
  t.match(unlimited, '"swap":{"limit":18446744073709551615,"failcnt":0}', "no sum beyond the greatest number");
});

test("pids: no limit is left out", async (t) => {
  t.strictSame(v1({ pids: { "pids.current": "2\n", "pids.max": "10\n" } }).pids, { current: 2, limit: 10 });
  t.strictSame(v2({ "pids.current": "2\n", "pids.max": "max\n" }).pids, { current: 2 });
});

test("block I/O", async (t) => {
  const lines = "8:0 Read 4096\n8:0 Total 4096\nTotal 4096\n";
  const entries = [
    { major: 8, op: "Read", value: 4096 },
    { major: 8, op: "Total", value: 4096 },
  ];
  const names = (prefix: string) => ({
    [`${prefix}io_service_bytes_recursive`]: lines,
    [`${prefix}io_serviced_recursive`]: lines,
  });
  const both = { ioServiceBytesRecursive: entries, ioServicedRecursive: entries };
  t.strictSame(
    v1({ blkio: { ...names("blkio.throttle."), "blkio.bfq.io_serviced_recursive": "Total 0\n" } }).blkio,
    both,
  );
  t.strictSame(v1({ blkio: { ...names("blkio.bfq."), "blkio.bfq.time_recursive": "8:0 7\n" } }).blkio, {
    ...both,
    ioTimeRecursive: [{ major: 8, value: 7 }],
  });
  t.strictSame(v2({ "io.stat": "8:16 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0 cost.usage=9\n" }).blkio, {
    ioServiceBytesRecursive: [
      { major: 8, minor: 16, op: "Read", value: 1 },
      { major: 8, minor: 16, op: "Write", value: 2 },
      { major: 8, minor: 16, op: "Discard" },
    ],
    ioServicedRecursive: [
      { major: 8, minor: 16, op: "Read", value: 3 },
      { major: 8, minor: 16, op: "Write", value: 4 },
      { major: 8, minor: 16, op: "Discard" },
    ],
  });
});

test("huge pages: reservations where they are counted", async (t) => {
  const files = {
    "hugetlb.2MB.usage_in_bytes": "5\n",
    "hugetlb.2MB.max_usage_in_bytes": "6\n",
    "hugetlb.2MB.failcnt": "7\n",
  };
  t.strictSame(v1({ hugetlb: files }).hugetlb, { "2MB": { usage: 5, max: 6, failcnt: 7 } });
  const v2Files = { "hugetlb.1GB.current": "1\n", "hugetlb.1GB.rsvd.current": "2\n", "hugetlb.1GB.events": "max 3\n" };
  t.strictSame(v2({ ...v2Files, "hugetlb.64KB.current": "0\n" }).hugetlb, {
    "64KB": { failcnt: 0 },
    "1GB": { usage: 2, failcnt: 3 },
  });
});
