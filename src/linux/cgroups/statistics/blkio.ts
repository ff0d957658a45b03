/** Block I/O by device. Kernel: admin-guide/cgroup-v1/blkio-controller.rst, admin-guide/cgroup-v2.rst (IO). */
import type { ExactJson } from "../../../base/exact-json.ts";
import { pressure } from "./pressure.ts";
import { type Counters, omitEmpty } from "./reading.ts";

/** Property → file of v1, behind the prefix of what counts. */
const FILES = {
  ioServiceBytesRecursive: "io_service_bytes_recursive",
  ioServicedRecursive: "io_serviced_recursive",
  ioQueueRecursive: "io_queued_recursive",
  ioServiceTimeRecursive: "io_service_time_recursive",
  ioWaitTimeRecursive: "io_wait_time_recursive",
  ioMergedRecursive: "io_merged_recursive",
  ioTimeRecursive: "time_recursive",
  sectorsRecursive: "sectors_recursive",
} as const;

/** Who counts on v1: the schedulers BFQ and CFQ, where they serve a device, else the throttling layer. */
const PREFIXES = ["blkio.bfq.", "blkio.", "blkio.throttle."] as const;

/** Key of io.stat → property, and operation as v1 calls it. */
const KEYS: Readonly<Record<string, readonly [keyof typeof FILES, string]>> = {
  rbytes: ["ioServiceBytesRecursive", "Read"],
  wbytes: ["ioServiceBytesRecursive", "Write"],
  dbytes: ["ioServiceBytesRecursive", "Discard"],
  rios: ["ioServicedRecursive", "Read"],
  wios: ["ioServicedRecursive", "Write"],
  dios: ["ioServicedRecursive", "Discard"],
};

export function blkio(counters: Counters): ExactJson {
  return counters.version === 1 ? blkioV1(counters) : blkioV2(counters);
}

function blkioV1({ read }: Counters): ExactJson {
  const entries = (prefix: string, file: string) => entriesIn(read("blkio", `${prefix}${file}`));
  const prefix = PREFIXES.find((each) => entries(each, FILES.ioServicedRecursive).length > 0);
  if (prefix === undefined) return {};
  return omitEmpty(Object.fromEntries(Object.entries(FILES).map(([name, file]) => [name, entries(prefix, file)])));
}

/** Lines of "8:0 Read 4096", or without an operation; sums over all devices are left out. */
function entriesIn(text: string | undefined): ExactJson[] {
  return [...(text ?? "").matchAll(/^(\d+):(\d+) (?:([A-Z]\w*) )?(\d+)$/gm)].map(
    ([, major = "0", minor = "0", op, value = "0"]) =>
      omitEmpty({ major: BigInt(major), minor: BigInt(minor), op, value: BigInt(value) }),
  );
}

/** Lines of "8:0 rbytes=4096 wbytes=0 …". */
function blkioV2({ read }: Counters): ExactJson {
  const lists: Record<string, ExactJson[]> = {};
  for (const [, major = "0", minor = "0", rest = ""] of (read("io", "io.stat") ?? "").matchAll(
    /^(\d+):(\d+) (.*)$/gm,
  )) {
    for (const [, key = "", value = "0"] of rest.matchAll(/(\w+)=(\d+)/g)) {
      const [name, op] = KEYS[key] ?? [];
      if (name === undefined) continue;
      lists[name] ??= [];
      lists[name].push(omitEmpty({ major: BigInt(major), minor: BigInt(minor), op, value: BigInt(value) }));
    }
  }
  return omitEmpty({ ...lists, psi: pressure(read("io", "io.pressure")) });
}
