/** linux.resources.cpu.burst and .idle: the same on v1 and v2, and where they stand among the others. */
import type { Operation } from "../../../plan/operations.ts";
import { current, integer, type Limits, limit } from "../limits.ts";

const AT = "/linux/resources/cpu";

/**
 * A burst may not exceed the quota, which may not fall below the burst: what is smaller than the burst before goes first.
 * Microseconds. Kernels before 5.14 have no such file, and do what 0 asks for.
 */
export function inOrderOfBurst(limits: Limits, file: string, bandwidth: readonly Operation[]): Operation[] {
  const burst = limits.resources.cpu?.burst;
  if (burst === undefined) return [...bandwidth];
  const from = `${AT}/burst`;
  const value = integer(limits, from, burst);
  const operation = limit(limits, ["cpu", file], value, from, value === 0n ? ["optional"] : []);
  const before = current(limits, ["cpu", file], from) ?? 0n;
  return value < before ? [operation, ...bandwidth] : [...bandwidth, operation];
}

/**
 * An idle group refuses shares and weights: it stops to be idle before they are written, and becomes idle after. Kernels
 * before 5.15 have no such file, and do what 0 asks for.
 */
export function inOrderOfIdle(limits: Limits, others: readonly Operation[]): Operation[] {
  const idle = limits.resources.cpu?.idle;
  if (idle === undefined) return [...others];
  const operation = limit(limits, ["cpu", "cpu.idle"], idle, `${AT}/idle`, idle === 0 ? ["optional"] : []);
  return idle === 0 ? [operation, ...others] : [...others, operation];
}
