/** linux.resources.memory on cgroup v1. Kernel: admin-guide/cgroup-v1/memory.rst. Bytes; -1 is unlimited. */
import type { Operation } from "../../../plan/operations.ts";
import { type ControllerPlanner, cannot, current, integer, type Limits, limit, nonzero } from "../limits.ts";
import { memorySizes } from "./memory-sizes.ts";

const AT = "/linux/resources/memory";
const LIMIT = "memory.limit_in_bytes";
const SWAP = "memory.memsw.limit_in_bytes";
/** Since this kernel memory.kmem.limit_in_bytes limits nothing; writing it fails or does nothing. */
const KMEM_GONE = { major: 5, minor: 16 };

export const memoryV1: ControllerPlanner = (limits) => {
  const memory = limits.resources.memory;
  if (memory === undefined) return [];
  const operations: Operation[] = limitAndSwap(limits);
  const reservation = nonzero(limits, `${AT}/reservation`, memory.reservation);
  if (reservation !== undefined) {
    operations.push(limit(limits, ["memory", "memory.soft_limit_in_bytes"], reservation, `${AT}/reservation`));
  }
  operations.push(...kernelMemory(limits));
  if (memory.swappiness !== undefined) {
    operations.push(limit(limits, ["memory", "memory.swappiness"], memory.swappiness, `${AT}/swappiness`));
  }
  if (memory.useHierarchy !== undefined) {
    const value = memory.useHierarchy ? 1 : 0;
    operations.push(limit(limits, ["memory", "memory.use_hierarchy"], value, `${AT}/useHierarchy`));
  }
  operations.push(...oomKiller(limits));
  return operations;
};

/** In a new cgroup it is enabled. */
function oomKiller(limits: Limits): Operation[] {
  const disable = limits.resources.memory?.disableOOMKiller;
  const from = `${AT}/disableOOMKiller`;
  if (disable === undefined || (!disable && !limits.place("memory", from).existed)) return [];
  return [limit(limits, ["memory", "memory.oom_control"], disable ? 1 : 0, from)];
}

/**
 * memory+swap may never be below memory, so a new cgroup gets the memory limit first. In a cgroup that existed before,
 * the larger one of the two goes first.
 */
function limitAndSwap(limits: Limits): Operation[] {
  const sizes = memorySizes(limits);
  if (sizes.limit === undefined && sizes.swap === undefined) return [];
  const from = sizes.limit === undefined ? `${AT}/swap` : `${AT}/limit`;
  const place = limits.place("memory", from);
  const accounted = limits.files.exists(`${place.existed ? place.directory : place.parent}/${SWAP}`);
  const operations: Operation[] = [];
  if (sizes.limit !== undefined) operations.push(limit(limits, ["memory", LIMIT], sizes.limit, `${AT}/limit`));
  const swap = sizes.swap ?? (sizes.limit === -1n ? -1n : undefined);
  if (swap === undefined || (swap === -1n && !accounted)) return operations;
  if (!accounted) throw cannot(`${AT}/swap`, "this kernel does not account swap (boot with swapaccount=1)");
  const write = limit(limits, ["memory", SWAP], swap, sizes.swap === undefined ? `${AT}/limit` : `${AT}/swap`);
  const before = current(limits, ["memory", LIMIT], from) ?? 0n;
  if (place.existed && (swap === -1n || before < swap)) return [write, ...operations];
  return [...operations, write];
}

function kernelMemory(limits: Limits): Operation[] {
  const operations: Operation[] = [];
  const kernel = nonzero(limits, `${AT}/kernel`, limits.resources.memory?.kernel);
  if (kernel !== undefined && !olderThan(limits.request.host.kernel, KMEM_GONE)) {
    const message = `${AT}/kernel: kernels since 5.16 ignore this limit`;
    if (kernel > 0n) operations.push({ op: "warn", from: `${AT}/kernel`, message });
  } else if (kernel !== undefined) {
    operations.push(limit(limits, ["memory", "memory.kmem.limit_in_bytes"], kernel, `${AT}/kernel`));
  }
  const tcp = limits.resources.memory?.kernelTCP;
  if (tcp) {
    const value = integer(limits, `${AT}/kernelTCP`, tcp);
    operations.push(limit(limits, ["memory", "memory.kmem.tcp.limit_in_bytes"], value, `${AT}/kernelTCP`));
  }
  return operations;
}

function olderThan(release: string, than: { readonly major: number; readonly minor: number }): boolean {
  const [major = 0, minor = 0] = release.split(/[.-]/).map(Number);
  return major < than.major || (major === than.major && minor < than.minor);
}
