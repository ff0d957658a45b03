/** CPU time, in nanoseconds. Kernel: admin-guide/cgroup-v1/cpuacct.rst, admin-guide/cgroup-v2.rst (CPU). */
import type { ExactJson } from "../../../base/exact-json.ts";
import { pressure } from "./pressure.ts";
import { type Counters, fieldsIn, numberIn, omitEmpty, omitZero } from "./reading.ts";

/** cpuacct.stat counts in hundredths of a second, USER_HZ, on every architecture that Go and tsoci run on. */
const TICK = 10_000_000n;
const MICROSECOND = 1000n;

export function cpu(counters: Counters): ExactJson {
  return counters.version === 1 ? cpuV1(counters) : cpuV2(counters);
}

function cpuV1({ read }: Counters): ExactJson {
  const all = (read("cpuacct", "cpuacct.usage_all") ?? "").split("\n").slice(1);
  const column = (index: number) =>
    all.filter((line) => line !== "").map((line) => BigInt(line.split(" ")[index] ?? 0));
  const ticks = fieldsIn(read("cpuacct", "cpuacct.stat"));
  const total = numberIn(read("cpuacct", "cpuacct.usage"));
  const lists = {
    percpu: (read("cpuacct", "cpuacct.usage_percpu") ?? "").split(/\s+/).filter(Boolean).map(BigInt),
    percpu_kernel: column(2),
    percpu_user: column(1),
  };
  const kernel = (ticks.get("system") ?? 0n) * TICK;
  const user = (ticks.get("user") ?? 0n) * TICK;
  return omitEmpty({
    usage: usage(total, lists, kernel, user),
    throttling: throttling(read("cpu", "cpu.stat"), "time", 1n),
  });
}

function cpuV2({ read }: Counters): ExactJson {
  const text = read("cpu", "cpu.stat");
  const time = (name: string) => (fieldsIn(text).get(name) ?? 0n) * MICROSECOND;
  return omitEmpty({
    usage: usage(time("usage_usec"), {}, time("system_usec"), time("user_usec")),
    throttling: throttling(text, "usec", MICROSECOND),
    psi: pressure(read("cpu", "cpu.pressure")),
  });
}

function usage(total: bigint, lists: Readonly<Record<string, readonly bigint[]>>, kernel: bigint, user: bigint) {
  return omitZero({ ...omitEmpty({ total, ...lists }), kernel, user });
}

function throttling(text: string | undefined, suffix: string, unit: bigint) {
  const fields = fieldsIn(text);
  const members = omitEmpty({
    periods: fields.get("nr_periods"),
    throttledPeriods: fields.get("nr_throttled"),
    throttledTime: (fields.get(`throttled_${suffix}`) ?? 0n) * unit,
  });
  return omitZero(members);
}
