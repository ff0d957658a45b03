/** linux.resources.hugepageLimits. Kernel: admin-guide/cgroup-v1/hugetlb.rst, admin-guide/cgroup-v2.rst (HugeTLB). */
import { pointer } from "../../../base/pointer.ts";
import { type ControllerPlanner, cannot, integer, type Limits, limit } from "../limits.ts";

const SUFFIX = { 1: "limit_in_bytes", 2: "max" } as const;
/** In KiB, as the directories of /sys/kernel/mm/hugepages count. */
const UNITS = { KB: 1, MB: 1 << 10, GB: 1 << 20 } as const;

/** Usage, and reservations where the kernel counts them (since 5.7). Bytes; 0 is a limit. */
export const hugetlb: ControllerPlanner = (limits) =>
  (limits.resources.hugepageLimits ?? []).flatMap(({ pageSize, limit: value }, index) => {
    const from = pointer("/linux/resources/hugepageLimits", index);
    if (!known(limits, pageSize, from)) {
      throw cannot(pointer(from, "pageSize"), `this host has no huge pages of ${pageSize}`);
    }
    const bytes = integer(limits, pointer(from, "limit"), value);
    const usage = `hugetlb.${pageSize}.${SUFFIX[limits.version]}`;
    const reservation = `hugetlb.${pageSize}.rsvd.${SUFFIX[limits.version]}`;
    return [
      limit(limits, ["hugetlb", usage], bytes, from),
      limit(limits, ["hugetlb", reservation], bytes, from, ["optional"]),
    ];
  });

/** v1 shows the files in every cgroup. v2 hides them in the root, so the page size itself is looked up. */
function known(limits: Limits, pageSize: string, from: string): boolean {
  const { parent } = limits.place("hugetlb", from);
  if (limits.version === 1) return limits.files.exists(`${parent}/hugetlb.${pageSize}.${SUFFIX[1]}`);
  const [, count, unit] = /^([1-9]\d*)([KMG]B)$/.exec(pageSize) ?? [];
  if (count === undefined || (unit !== "KB" && unit !== "MB" && unit !== "GB")) return false;
  // The kernel names 2 MiB "2MB" only: 2048KB would not be found in the cgroup.
  if (unit !== "GB" && Number(count) >= 1024) return false;
  return limits.files.exists(`/sys/kernel/mm/hugepages/hugepages-${Number(count) * UNITS[unit]}kB`);
}
