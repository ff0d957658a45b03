/**
 * Properties of units (org.freedesktop.systemd1(5), systemd.resource-control(5)). systemd writes the limits that it
 * knows whenever it applies a unit's settings anew, so that it is told of every one that tsoci writes itself.
 */
import { pointer } from "../../../base/pointer.ts";
import type { Operation } from "../../../plan/operations.ts";
import { wrong } from "../limits.ts";
import { parseVariant, type Variant } from "./variant.ts";

/** Name → value; a later entry of the same name replaces an earlier one. */
export type Properties = ReadonlyMap<string, Variant>;

type Entry = readonly [name: string, value: Variant];

/** UINT64_MAX: no limit, and "not set". */
const INFINITY = (2n ** 64n - 1n).toString();
const SECOND = 1_000_000n;
const DEFAULT_PERIOD = 100_000n;
/** systemd itself takes quotas in steps of 10 ms for a second; less would be more than was asked for. */
const QUOTA_STEP = 10_000n;

const uint64 = (value: bigint | string): Variant => ({ signature: "t", words: [String(value)] });
const bool = (value: boolean): Variant => ({ signature: "b", words: [String(value)] });
const string = (value: string): Variant => ({ signature: "s", words: [value] });

/** A number, or "max", of bytes, tasks or weight. */
const amount =
  (name: string, least = 0n) =>
  (text: string): Entry[] => {
    if (text === "max") return [[name, uint64(INFINITY)]];
    if (!/^\d+$/.test(text)) return [];
    const value = BigInt(text);
    return [[name, uint64(value < least ? least : value)]];
  };

/** A list of CPUs or memory nodes as a mask, the lowest in the first bit of the first byte. */
const mask =
  (name: string) =>
  (text: string): Entry[] => {
    const bytes: number[] = [];
    for (const part of text.trim().split(",")) {
      const [first = "", last = first] = part.split("-");
      if (!/^\d+$/.test(first) || !/^\d+$/.test(last)) continue;
      for (let number = Number(first); number <= Number(last); number++) {
        const index = number >> 3;
        while (bytes.length <= index) bytes.push(0);
        bytes[index] = (bytes[index] ?? 0) | (1 << (number & 7));
      }
    }
    return [[name, { signature: "ay", words: [bytes.length, ...bytes].map(String) }]];
  };

/** "QUOTA PERIOD" in microseconds, as a share of each second. */
function quota(text: string): Entry[] {
  const [, of = "", each = DEFAULT_PERIOD] = /^(max|\d+)(?: (\d+))?$/.exec(text) ?? [];
  const period = BigInt(each);
  if (of === "" || period === 0n) return [];
  const steps = of === "max" ? undefined : (BigInt(of) * SECOND + period * QUOTA_STEP - 1n) / (period * QUOTA_STEP);
  return [
    ["CPUQuotaPerSecUSec", uint64(steps === undefined ? INFINITY : steps * QUOTA_STEP)],
    ["CPUQuotaPeriodUSec", uint64(period)],
  ];
}

/** File of the cgroup → what systemd calls it. The other files, systemd leaves alone. */
const FILES: Readonly<Record<string, (text: string) => Entry[]>> = {
  "memory.max": amount("MemoryMax"),
  "memory.high": amount("MemoryHigh"),
  "memory.low": amount("MemoryLow"),
  "memory.min": amount("MemoryMin"),
  "memory.swap.max": amount("MemorySwapMax"),
  // systemd knows no limit of 0; with one, the first process can't have a child either.
  "pids.max": amount("TasksMax", 1n),
  "cpu.weight": amount("CPUWeight"),
  "cpu.idle": (text) => (text === "1" ? [["CPUWeight", uint64(0n)]] : []),
  "cpu.max": quota,
  "cpuset.cpus": mask("AllowedCPUs"),
  "cpuset.mems": mask("AllowedMemoryNodes"),
  "io.weight": amount("IOWeight", 1n),
};

/** What writes of limits (to files of cgroup v2) mean to systemd. */
export function limitProperties(operations: readonly Operation[]): Properties {
  return new Map(
    operations.flatMap((operation) => {
      if (operation.op !== "write" || typeof operation.path !== "string" || typeof operation.data !== "string")
        return [];
      const file = operation.path.slice(operation.path.lastIndexOf("/") + 1);
      return FILES[file]?.(operation.data) ?? [];
    }),
  );
}

/** What every scope of a container has, but for its processes. */
export function scopeProperties(id: string, slice: string): Properties {
  return new Map([
    ["Description", string(`tsoci container ${id}`)],
    ["Slice", string(slice)],
    ["Delegate", bool(true)],
    ["DefaultDependencies", bool(false)],
    ["CPUAccounting", bool(true)],
    ["MemoryAccounting", bool(true)],
    ["IOAccounting", bool(true)],
    ["TasksAccounting", bool(true)],
  ]);
}

const ANNOTATION = "org.systemd.property.";

/**
 * Annotations "org.systemd.property.NAME". "…Sec" is "…USec" in microseconds, as in unit files. Throws TsociError
 * "config" for a wrong name or value.
 */
export function annotatedProperties(annotations: Readonly<Record<string, string>> = {}): Properties {
  return new Map(
    Object.entries(annotations)
      .filter(([key]) => key.startsWith(ANNOTATION))
      .map(([key, text]) => {
        const from = pointer("/annotations", key);
        const name = key.slice(ANNOTATION.length);
        if (!/^[A-Za-z]{3,}$/.test(name)) throw wrong(from, "name incorrect: a property has three letters or more");
        const value = parseVariant(text);
        const entry = value && inMicroseconds(name, value);
        if (entry === undefined)
          throw wrong(from, `value parse error: ${text} is no value of D-Bus in GVariant's form`);
        return entry;
      }),
  );
}

function inMicroseconds(name: string, value: Variant): Entry | undefined {
  if (!/[a-z]Sec$/.test(name)) return [name, value];
  const seconds = Number(value.words[0]);
  if (!/^[ynqiuxtd]$/.test(value.signature) || !(seconds >= 0)) return undefined;
  const microseconds = BigInt(Math.round(seconds * Number(SECOND)));
  return [`${name.slice(0, -"Sec".length)}USec`, uint64(microseconds)];
}
