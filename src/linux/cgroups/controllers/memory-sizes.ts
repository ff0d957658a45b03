/** Memory and swap limits as config.json gives them, checked against each other. */
import { type Limits, nonzero, wrong } from "../limits.ts";

export interface MemorySizes {
  readonly limit: bigint | undefined;
  /** Memory and swap together, as on v1. */
  readonly swap: bigint | undefined;
}

/** Throws TsociError "config" where memory+swap could never be reached. Bytes; -1 is unlimited, undefined is not set. */
export function memorySizes(limits: Limits): MemorySizes {
  const at = "/linux/resources/memory";
  const limit = nonzero(limits, `${at}/limit`, limits.resources.memory?.limit);
  const swap = nonzero(limits, `${at}/swap`, limits.resources.memory?.swap);
  for (const [name, value] of [
    ["limit", limit],
    ["swap", swap],
  ] as const) {
    if (value !== undefined && value < -1n)
      throw wrong(`${at}/${name}`, "must be a number of bytes, or -1 for unlimited");
  }
  if (swap === undefined || swap === -1n) return { limit, swap };
  if (limit === undefined) throw wrong(`${at}/swap`, "unable to set swap limit without memory limit");
  // On v1 unlimited memory leaves no room for a limit of both together; on v2 swap has a limit of its own.
  const below = limit === -1n ? limits.version === 1 : swap < limit;
  if (below) throw wrong(`${at}/swap`, "memory+swap limit should be >= memory limit");
  return { limit, swap };
}
