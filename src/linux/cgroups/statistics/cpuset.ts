/** CPUs and memory nodes. Only v1 tells them here, as runc does. Kernel: admin-guide/cgroup-v1/cpusets.rst. */
import type { ExactJson } from "../../../base/exact-json.ts";
import { type Counters, numberIn, omitEmpty } from "./reading.ts";

const FLAGS = [
  "mem_hardwall",
  "mem_exclusive",
  "memory_migrate",
  "memory_spread_page",
  "memory_spread_slab",
  "memory_pressure",
  "sched_load_balance",
] as const;

export function cpuset({ version, read }: Counters): ExactJson {
  const text = (name: string) => (version === 1 ? read("cpuset", `cpuset.${name}`) : undefined);
  return {
    ...omitEmpty({ cpus: list(text("cpus")), mems: list(text("mems")) }),
    cpu_exclusive: numberIn(text("cpu_exclusive")),
    ...Object.fromEntries(FLAGS.map((name) => [name, numberIn(text(name))])),
    // The only one that is negative: -1 by default.
    sched_relax_domain_level: Number(text("sched_relax_domain_level") ?? 0),
  };
}

/** "0-2,7" as numbers. */
function list(text: string | undefined): number[] {
  return (text ?? "")
    .trim()
    .split(",")
    .filter(Boolean)
    .flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}
