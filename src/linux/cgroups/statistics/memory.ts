/** Memory, in bytes. Kernel: admin-guide/cgroup-v1/memory.rst, admin-guide/cgroup-v2.rst (Memory). */
import type { ExactJson } from "../../../base/exact-json.ts";
import { pressure } from "./pressure.ts";
import { type Counters, fieldsIn, numberIn, omitEmpty, omitZero, UNLIMITED } from "./reading.ts";

interface Entry {
  readonly limit: bigint;
  readonly usage: bigint;
  readonly max: bigint;
  readonly failcnt: bigint;
}

export function memory(counters: Counters): ExactJson {
  const raw = fieldsIn(counters.read("memory", "memory.stat"));
  const more = counters.version === 1 ? memoryV1(counters) : memoryV2(counters);
  return omitEmpty({
    cache: raw.get(counters.version === 1 ? "cache" : "file"),
    ...more,
    raw: raw.size === 0 ? undefined : Object.fromEntries(raw),
  });
}

const V1 = { usage: "memory", swap: "memory.memsw", kernel: "memory.kmem", kernelTCP: "memory.kmem.tcp" };

function memoryV1({ read }: Counters) {
  const entries = Object.entries(V1).map(([name, prefix]) => {
    const value = (suffix: string) => numberIn(read("memory", `${prefix}.${suffix}`));
    const limit = value("limit_in_bytes");
    return [
      name,
      shown({ limit, usage: value("usage_in_bytes"), max: value("max_usage_in_bytes"), failcnt: value("failcnt") }),
    ];
  });
  return Object.fromEntries(entries);
}

function memoryV2({ read }: Counters) {
  const entry = (name: string): Entry => {
    const value = (suffix: string) => read("memory", `${name}.${suffix}`);
    return {
      limit: numberIn(value("max")),
      usage: numberIn(value("current")),
      max: numberIn(value("peak")),
      failcnt: fieldsIn(value("events")).get("max") ?? 0n,
    };
  };
  const [alone, swap] = [entry("memory"), entry("memory.swap")];
  // v1's swap is memory and swap together. Nobody can tell what the most of both was.
  const sum = (a: bigint, b: bigint) => (a + b > UNLIMITED ? UNLIMITED : a + b);
  const both = { limit: sum(alone.limit, swap.limit), usage: alone.usage + swap.usage, max: 0n, failcnt: swap.failcnt };
  return { usage: shown(alone), swap: shown(both), psi: pressure(read("memory", "memory.pressure")) };
}

function shown({ limit, usage, max, failcnt }: Entry) {
  return omitZero({ limit, ...omitEmpty({ usage, max }), failcnt });
}
