/** Huge pages by size, in bytes. Kernel: admin-guide/cgroup-v1/hugetlb.rst, admin-guide/cgroup-v2.rst (HugeTLB). */
import type { ExactJson } from "../../../base/exact-json.ts";
import { type Counters, fieldsIn, numberIn, omitEmpty } from "./reading.ts";

/** From 64 KiB to 16 GiB: every architecture's sizes are powers of two. */
const SIZES = Array.from({ length: 19 }, (_, index) => {
  const kilobytes = 64 * 2 ** index;
  if (kilobytes < 1 << 10) return `${kilobytes}KB`;
  return kilobytes < 1 << 20 ? `${kilobytes >> 10}MB` : `${kilobytes >> 20}GB`;
});

const FILES = {
  1: { usage: "usage_in_bytes", max: "max_usage_in_bytes" },
  2: { usage: "current", max: undefined },
} as const;

/** Reservations where the kernel counts them (since 5.7): pages that are reserved can't be had by others. */
export function hugetlb({ version, read }: Counters): ExactJson {
  const { usage, max } = FILES[version];
  const pages = SIZES.flatMap((size) => {
    const prefix = [`hugetlb.${size}.rsvd`, `hugetlb.${size}`].find(
      (each) => read("hugetlb", `${each}.${usage}`) !== undefined,
    );
    if (prefix === undefined) return [];
    const failcnt =
      version === 1
        ? numberIn(read("hugetlb", `${prefix}.failcnt`))
        : (fieldsIn(read("hugetlb", `hugetlb.${size}.events`)).get("max") ?? 0n);
    const value = (file: string | undefined) =>
      file === undefined ? 0n : numberIn(read("hugetlb", `${prefix}.${file}`));
    return [[size, { ...omitEmpty({ usage: value(usage), max: value(max) }), failcnt }]];
  });
  return Object.fromEntries(pages);
}
