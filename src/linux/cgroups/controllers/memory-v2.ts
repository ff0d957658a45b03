/** linux.resources.memory on cgroup v2. Kernel: admin-guide/cgroup-v2.rst (Memory). Bytes; "max" is unlimited. */
import { TsociError } from "../../../base/errors.ts";
import type { Operation } from "../../../plan/operations.ts";
import { type ControllerPlanner, cannot, current, type Limits, limit, nonzero, orMax } from "../limits.ts";
import { memorySizes } from "./memory-sizes.ts";

const AT = "/linux/resources/memory";

/** Swap first: a limit that is reached before swap is limited would swap without bound. */
export const memoryV2: ControllerPlanner = (limits) => {
  const memory = limits.resources.memory;
  if (memory === undefined) return [];
  refuse(limits);
  const sizes = memorySizes(limits);
  const operations: Operation[] = [];
  const swap = swapAlone(sizes.limit, sizes.swap);
  if (memory.checkBeforeUpdate) refuseBelowUse(limits, sizes.limit, swap);
  if (swap !== undefined) {
    const from = sizes.swap === undefined ? `${AT}/limit` : `${AT}/swap`;
    // A kernel without swap accounting has no such file; without swap, no limit and no swap are what it does.
    const optional = swap <= 0n ? (["optional"] as const) : [];
    operations.push(limit(limits, ["memory", "memory.swap.max"], orMax(swap), from, optional));
  }
  if (sizes.limit !== undefined) {
    operations.push(limit(limits, ["memory", "memory.max"], orMax(sizes.limit), `${AT}/limit`));
  }
  const reservation = nonzero(limits, `${AT}/reservation`, memory.reservation);
  if (reservation !== undefined) {
    operations.push(limit(limits, ["memory", "memory.low"], orMax(reservation), `${AT}/reservation`));
  }
  return operations;
};

/** v1 counts memory and swap together, v2 swap alone. Unlimited memory, and nothing said of swap: both are unlimited. */
function swapAlone(memory: bigint | undefined, both: bigint | undefined): bigint | undefined {
  if (both === undefined) return memory === -1n ? -1n : undefined;
  if (both === -1n || memory === undefined || memory === -1n) return both;
  return both - memory;
}

/**
 * checkBeforeUpdate (config-linux.md, Memory). The kernel would reclaim, and kill what it takes to get below the limit;
 * v1's refuses such a limit by itself.
 */
function refuseBelowUse(limits: Limits, memory: bigint | undefined, swap: bigint | undefined): void {
  for (const [name, file, limit] of [
    ["limit", "memory.current", memory],
    ["swap", "memory.swap.current", swap],
  ] as const) {
    if (limit === undefined || limit < 0n) continue;
    const from = `${AT}/${name}`;
    const used = current(limits, ["memory", file], from) ?? 0n;
    if (used > limit)
      throw new TsociError("state", `${used} bytes are in use, more than the limit of ${limit}`, { pointer: from });
  }
}

/** What has no counterpart (config-linux.md, Unified: "If the conversion is not possible the runtime MUST generate an error"). */
function refuse(limits: Limits): void {
  const memory = limits.resources.memory ?? {};
  const impossible: readonly (readonly [name: string, asked: boolean, why: string])[] = [
    ["kernel", (memory.kernel ?? 0) > 0, "cgroup v2 limits kernel memory with memory.limit only"],
    ["kernelTCP", (memory.kernelTCP ?? 0) > 0, "cgroup v2 limits TCP buffers with memory.limit only"],
    ["swappiness", memory.swappiness !== undefined, "cgroup v2 has no swappiness of a cgroup"],
    ["disableOOMKiller", memory.disableOOMKiller === true, "cgroup v2 can't disable the OOM killer"],
    ["useHierarchy", memory.useHierarchy === false, "cgroup v2 is always hierarchical"],
  ];
  for (const [name, asked, why] of impossible) if (asked) throw cannot(`${AT}/${name}`, why);
}
