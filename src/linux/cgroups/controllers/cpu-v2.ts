/** linux.resources.cpu on cgroup v2. Kernel: admin-guide/cgroup-v2.rst (CPU). */
import type { Operation } from "../../../plan/operations.ts";
import { type ControllerPlanner, cannot, type Limits, limit, nonzero, orMax } from "../limits.ts";
import { inOrderOfBurst, inOrderOfIdle } from "./cpu-order.ts";

const AT = "/linux/resources/cpu";

/** Microseconds: what the kernel starts with, and what "cpu.max" needs beside a quota alone. */
const DEFAULT_PERIOD = 100000n;

export const cpuV2: ControllerPlanner = (limits) => {
  refuseRealtime(limits);
  return inOrderOfIdle(limits, [...weight(limits), ...inOrderOfBurst(limits, "cpu.max.burst", bandwidth(limits))]);
};

function weight(limits: Limits): Operation[] {
  const from = `${AT}/shares`;
  const shares = nonzero(limits, from, limits.resources.cpu?.shares);
  return shares === undefined ? [] : [limit(limits, ["cpu", "cpu.weight"], sharesToWeight(Number(shares)), from)];
}

function bandwidth(limits: Limits): Operation[] {
  const quota = nonzero(limits, `${AT}/quota`, limits.resources.cpu?.quota);
  const period = nonzero(limits, `${AT}/period`, limits.resources.cpu?.period);
  if (quota === undefined && period === undefined) return [];
  const from = quota === undefined ? `${AT}/period` : `${AT}/quota`;
  return [limit(limits, ["cpu", "cpu.max"], `${orMax(quota ?? -1n)} ${period ?? DEFAULT_PERIOD}`, from)];
}

/** cgroup v2 gives realtime tasks no bandwidth of their own. */
function refuseRealtime(limits: Limits): void {
  for (const name of ["realtimePeriod", "realtimeRuntime"] as const) {
    if (limits.resources.cpu?.[name]) throw cannot(`${AT}/${name}`, "cgroup v2 has no realtime bandwidth");
  }
}

/**
 * v1's shares (2 to 262144, 1024 by default) as v2's weight (1 to 10000, 100 by default): the quadratic in the
 * logarithm that meets minimum, default and maximum, which runc 1.3.2, crun 1.23 and Kubernetes agreed on in 2025. The
 * linear one before it made the default share 39, less than half of what every other process has.
 */
export function sharesToWeight(shares: number): number {
  if (shares <= 2) return 1;
  if (shares >= 262144) return 10000;
  const log = Math.log2(shares);
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}
