/** linux.resources.cpu on cgroup v1. Kernel: scheduler/sched-bwc.rst, scheduler/sched-rt-group.rst. */
import type { Operation } from "../../../plan/operations.ts";
import { type ControllerPlanner, current, type Limits, limit, nonzero, wrong } from "../limits.ts";
import { inOrderOfBurst, inOrderOfIdle } from "./cpu-order.ts";

const AT = "/linux/resources/cpu";
const SHARES = { least: 2n, most: 262144n };

const FILES = {
  period: "cpu.cfs_period_us",
  quota: "cpu.cfs_quota_us",
  realtimePeriod: "cpu.rt_period_us",
  realtimeRuntime: "cpu.rt_runtime_us",
} as const;

/** A realtime period must be known before its runtime. All times are microseconds. */
export const cpuV1: ControllerPlanner = (limits) =>
  inOrderOfIdle(limits, [
    ...shares(limits),
    ...inOrderOfBurst(limits, "cpu.cfs_burst_us", bandwidth(limits)),
    ...(["realtimePeriod", "realtimeRuntime"] as const).flatMap((name) => write(limits, name) ?? []),
  ]);

function write(limits: Limits, name: keyof typeof FILES): Operation | undefined {
  const value = nonzero(limits, `${AT}/${name}`, limits.resources.cpu?.[name]);
  return value === undefined ? undefined : limit(limits, ["cpu", FILES[name]], value, `${AT}/${name}`);
}

/**
 * A period must be known before its quota. In a cgroup that has both, each intermediate state must be allowed, too, below
 * a parent with a quota of its own: the order with the smaller share of the CPU in between is.
 */
function bandwidth(limits: Limits): Operation[] {
  const [period, quota] = [write(limits, "period"), write(limits, "quota")];
  if (!period || !quota) return [period, quota].filter((operation) => operation !== undefined);
  const now = (name: "period" | "quota") => current(limits, ["cpu", FILES[name]], `${AT}/${name}`);
  const [oldPeriod, oldQuota] = [now("period"), now("quota")];
  if (oldPeriod === undefined || oldQuota === undefined) return [period, quota];
  const share = (part: number, of: number) => (part < 0 ? Number.POSITIVE_INFINITY : part / of);
  const { quota: newQuota = 0, period: newPeriod = 0 } = limits.resources.cpu ?? {};
  const quotaFirst = share(newQuota, Number(oldPeriod)) < share(Number(oldQuota), newPeriod);
  return quotaFirst ? [quota, period] : [period, quota];
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
