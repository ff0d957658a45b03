/** The flags of `update`: those that name a limit, with the entry of linux.resources that each stands for. */
import type { Flags } from "./flags.ts";
import { bytes, choice, INT64, text, UINT64, wideInteger } from "./value-kinds.ts";

const IGNORED = "kernels since 5.16 have no such limit, and runc ignores it";

const uint64 = wideInteger(UINT64);
const int64 = wideInteger(INT64);

export const updateFlags = {
  resources: {
    kind: text("FILE"),
    short: "r",
    help: "JSON file with what config.json has as linux.resources, - for standard input; other flags are ignored then, and rules on devices stay as they are",
    from: "both",
  },
  "blkio-weight": {
    kind: wideInteger({ least: 0n, most: 1000n }),
    help: "weight of block I/O, 10 to 1000",
    from: "both",
  },
  "cpu-period": { kind: uint64, help: "period of the CPU quota in microseconds", from: "both" },
  "cpu-quota": { kind: int64, help: "CPU time in each period in microseconds; negative: no limit", from: "both" },
  "cpu-burst": { kind: uint64, help: "unused CPU time to keep for later periods, in microseconds", from: "runc" },
  "cpu-share": { kind: uint64, help: "share of the CPU relative to other containers", from: "both" },
  "cpu-rt-period": { kind: uint64, help: "period of realtime CPU time in microseconds", from: "both" },
  "cpu-rt-runtime": { kind: int64, help: "realtime CPU time in each period in microseconds", from: "both" },
  "cpuset-cpus": { kind: text("LIST"), help: "CPUs to use, such as 0-2,7", from: "both" },
  "cpuset-mems": { kind: text("LIST"), help: "memory nodes to use", from: "both" },
  "cpu-idle": { kind: choice(["0", "1"]), help: "1: only CPU time that nobody else wants", from: "runc" },
  memory: { kind: bytes, help: "limit of memory; -1: no limit", from: "both" },
  "memory-reservation": { kind: bytes, help: "memory that is left to it when memory is scarce", from: "both" },
  "memory-swap": { kind: bytes, help: "limit of memory and swap together; -1: no limit", from: "both" },
  "kernel-memory": { kind: bytes, help: "limit of kernel memory", from: "both", hidden: true, ignored: IGNORED },
  "kernel-memory-tcp": { kind: bytes, help: "limit of TCP buffers", from: "both", hidden: true, ignored: IGNORED },
  "pids-limit": { kind: int64, help: "limit of processes and threads; negative: no limit", from: "both" },
  "l3-cache-schema": { kind: text("SCHEMA"), help: "Intel RDT: share of the L3 cache", from: "both" },
  "mem-bw-schema": { kind: text("SCHEMA"), help: "Intel RDT: share of the memory bandwidth", from: "both" },
} as const satisfies Flags;

export type UpdateFlag = keyof typeof updateFlags;

/** Flag → part and property of linux.resources. */
export const UPDATE_ENTRIES = {
  "blkio-weight": ["blockIO", "weight"],
  "cpu-period": ["cpu", "period"],
  "cpu-quota": ["cpu", "quota"],
  "cpu-burst": ["cpu", "burst"],
  "cpu-share": ["cpu", "shares"],
  "cpu-rt-period": ["cpu", "realtimePeriod"],
  "cpu-rt-runtime": ["cpu", "realtimeRuntime"],
  "cpuset-cpus": ["cpu", "cpus"],
  "cpuset-mems": ["cpu", "mems"],
  "cpu-idle": ["cpu", "idle"],
  memory: ["memory", "limit"],
  "memory-reservation": ["memory", "reservation"],
  "memory-swap": ["memory", "swap"],
  "pids-limit": ["pids", "limit"],
} as const satisfies Partial<Record<UpdateFlag, readonly [part: string, property: string]>>;
