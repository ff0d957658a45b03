import { test } from "tap";
import { limitsOn } from "../golden.ts";
import { sharesToWeight } from "./cpu-v2.ts";

const AT = "/linux/resources/cpu";

test("v1: periods before what fits into them, shares before idle", async (t) => {
  const cpu = {
    shares: 1024,
    quota: 50000,
    burst: 1000,
    period: 100000,
    realtimeRuntime: 950,
    realtimePeriod: 1000,
    idle: 1,
  };
  t.strictSame(limitsOn("hybrid", { cpu: { ...cpu, cpus: "0-1", mems: "0" } }), [
    "cpu/cpus: cpuset.cpus = 0-1",
    "cpu/mems: cpuset.mems = 0",
    "cpu/shares: cpu.shares = 1024",
    "cpu/period: cpu.cfs_period_us = 100000",
    "cpu/quota: cpu.cfs_quota_us = 50000",
    "cpu/burst: cpu.cfs_burst_us = 1000",
    "cpu/realtimePeriod: cpu.rt_period_us = 1000",
    "cpu/realtimeRuntime: cpu.rt_runtime_us = 950",
    "cpu/idle: cpu.idle = 1",
  ]);
  t.strictSame(limitsOn("hybrid", { cpu: { quota: -1, burst: 0, idle: 0 } }), [
    "cpu/idle: cpu.idle = 0 ?",
    "cpu/quota: cpu.cfs_quota_us = -1",
    "cpu/burst: cpu.cfs_burst_us = 0 ?",
  ]);
});

test("v1: shares that the kernel would change silently", async (t) => {
  t.throws(() => limitsOn("hybrid", { cpu: { shares: 1 } }), {
    code: "config",
    pointer: `${AT}/shares`,
    message: "the minimum allowed cpu-shares is 2",
  });
  t.throws(() => limitsOn("hybrid", { cpu: { shares: 262145 } }), {
    code: "config",
    pointer: `${AT}/shares`,
    message: "the maximum allowed cpu-shares is 262144",
  });
});

test("v2: weight, one line for quota and period, burst", async (t) => {
  t.strictSame(
    limitsOn("v2", { cpu: { shares: 1024, quota: 50000, period: 200000, burst: 1000, idle: 1, cpus: "1", mems: "0" } }),
    [
      "cpu/cpus: cpuset.cpus = 1",
      "cpu/mems: cpuset.mems = 0",
      "cpu/shares: cpu.weight = 100",
      "cpu/quota: cpu.max = 50000 200000",
      "cpu/burst: cpu.max.burst = 1000",
      "cpu/idle: cpu.idle = 1",
    ],
  );
  t.strictSame(limitsOn("v2", { cpu: { quota: 50000 } }), ["cpu/quota: cpu.max = 50000 100000"]);
  t.strictSame(limitsOn("v2", { cpu: { period: 50000 } }), ["cpu/period: cpu.max = max 50000"]);
  t.strictSame(limitsOn("v2", { cpu: { quota: -1, burst: 0, idle: 0 } }), [
    "cpu/idle: cpu.idle = 0 ?",
    "cpu/quota: cpu.max = max 100000",
    "cpu/burst: cpu.max.burst = 0 ?",
  ]);
});

test("v2: no realtime bandwidth", async (t) => {
  for (const name of ["realtimePeriod", "realtimeRuntime"] as const) {
    t.throws(() => limitsOn("v2", { cpu: { [name]: 1000 } }), { code: "host", pointer: `${AT}/${name}` });
    t.strictSame(limitsOn("v2", { cpu: { [name]: 0 } }), []);
  }
});

test("0 is not set", async (t) => {
  const cpu = { shares: 0, quota: 0, period: 0, realtimePeriod: 0, realtimeRuntime: 0 };
  t.strictSame(limitsOn("hybrid", { cpu }), []);
  t.strictSame(limitsOn("v2", { cpu }), []);
});

test("shares to weight: minimum, default and maximum meet; values that runc's tests give", async (t) => {
  const pairs = [
    [0, 1],
    [1, 1],
    [2, 1],
    [1024, 100],
    [2000, 170],
    [262144, 10000],
    [500000, 10000],
  ] as const;
  for (const [shares, weight] of pairs) t.equal(sharesToWeight(shares), weight, `${shares}`);
  let last = 0;
  for (let shares = 2; shares <= 262144; shares += 97) {
    const weight = sharesToWeight(shares);
    if (weight < last || weight > 10000) t.fail(`${shares} → ${weight}`);
    last = weight;
  }
});
