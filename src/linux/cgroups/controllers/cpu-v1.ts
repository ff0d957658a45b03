/** linux.resources.cpu on cgroup v1. Kernel: scheduler/sched-bwc.rst, scheduler/sched-rt-group.rst. */
import type { Operation } from "../../../plan/operations.ts";
import { type ControllerPlanner, integer, type Limits, limit, nonzero, wrong } from "../limits.ts";

const AT = "/linux/resources/cpu";
const SHARES = { least: 2n, most: 262144n };

/**
 * A period must be known before its quota or runtime, and a quota before a burst, which may not exceed it. shares come
 * before idle: an idle group refuses them. All times are microseconds.
 */
const FILES = [
  ["period", "cpu.cfs_period_us"],
  ["quota", "cpu.cfs_quota_us"],
  ["realtimePeriod", "cpu.rt_period_us"],
  ["realtimeRuntime", "cpu.rt_runtime_us"],
] as const;

export const cpuV1: ControllerPlanner = (limits) => {
  const cpu = limits.resources.cpu;
  if (cpu === undefined) return [];
  const operations: Operation[] = shares(limits);
  for (const [name, file] of FILES) {
    const value = nonzero(limits, `${AT}/${name}`, cpu[name]);
    if (value !== undefined) operations.push(limit(limits, ["cpu", file], value, `${AT}/${name}`));
  }
  if (cpu.burst !== undefined) {
    const burst = integer(limits, `${AT}/burst`, cpu.burst);
    operations.push(limit(limits, ["cpu", "cpu.cfs_burst_us"], burst, `${AT}/burst`, orDefault(burst)));
  }
  if (cpu.idle !== undefined) {
    operations.push(limit(limits, ["cpu", "cpu.idle"], cpu.idle, `${AT}/idle`, orDefault(BigInt(cpu.idle))));
  }
  return operations;
};

/** Kernels before 5.14 (burst) and 5.15 (idle) have no such file, and do what 0 asks for. */
function orDefault(value: bigint): readonly "optional"[] {
  return value === 0n ? ["optional"] : [];
}

/** The kernel would silently take the nearest value that it allows. */
function shares(limits: Limits): Operation[] {
  const from = `${AT}/shares`;
  const value = nonzero(limits, from, limits.resources.cpu?.shares);
  if (value === undefined) return [];
  if (value < SHARES.least) throw wrong(from, `the minimum allowed cpu-shares is ${SHARES.least}`);
  if (value > SHARES.most) throw wrong(from, `the maximum allowed cpu-shares is ${SHARES.most}`);
  return [limit(limits, ["cpu", "cpu.shares"], value, from)];
}
