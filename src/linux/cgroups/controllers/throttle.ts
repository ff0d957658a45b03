/** The four lists of limits by device in linux.resources.blockIO. */
import { pointer } from "../../../base/pointer.ts";
import type { Operation } from "../../../plan/operations.ts";
import { integer, type Limits } from "../limits.ts";

/** Name in config.json → key of v2's io.max, and file of v1. Bytes, or operations, per second. */
const THROTTLES = [
  ["throttleReadBpsDevice", "rbps", "read_bps_device"],
  ["throttleWriteBpsDevice", "wbps", "write_bps_device"],
  ["throttleReadIOPSDevice", "riops", "read_iops_device"],
  ["throttleWriteIOPSDevice", "wiops", "write_iops_device"],
] as const;

/** Makes one operation of each entry; `device` is "8:0". */
export function throttles(
  limits: Limits,
  make: (key: string, from: string, device: string, rate: bigint, file: string) => Operation,
): Operation[] {
  return THROTTLES.flatMap(([name, key, file]) =>
    (limits.resources.blockIO?.[name] ?? []).map(({ major, minor, rate }, index) => {
      const from = pointer("/linux/resources/blockIO", name, index);
      return make(key, from, `${major}:${minor}`, integer(limits, pointer(from, "rate"), rate), file);
    }),
  );
}
