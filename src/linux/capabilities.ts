/** process.capabilities (config.md, "Linux Process"; capabilities(7)). */
import { pointer } from "../base/pointer.ts";
import { capabilityBit } from "../kernel/capabilities.ts";
import type { Operation } from "../plan/operations.ts";
import type { Capabilities } from "../spec/generated/config.ts";

export interface CapabilitySets {
  readonly bounding: bigint;
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
  readonly ambient: bigint;
}

export interface GrantedCapabilities {
  readonly sets: CapabilitySets;
  /** What was asked for and can't be granted: the specification wants a warning for each. */
  readonly warnings: readonly Operation[];
}

type SetName = keyof CapabilitySets;

/** In this order each set is limited by the ones before: the kernel refuses more. */
const LIMITS: readonly (readonly [SetName, readonly SetName[]])[] = [
  ["bounding", []],
  ["permitted", []],
  ["effective", ["permitted"]],
  ["inheritable", []],
  ["ambient", ["permitted", "inheritable"]],
];

/**
 * Turns names into the five masks. `available` is the runtime's own bounding set, or all bits in a new user namespace.
 * Without `capabilities` in config.json the process gets none.
 */
export function grantCapabilities(
  capabilities: Capabilities | undefined,
  base: string,
  available: bigint,
): GrantedCapabilities {
  const warnings: Operation[] = [];
  const sets: Record<SetName, bigint> = { bounding: 0n, permitted: 0n, effective: 0n, inheritable: 0n, ambient: 0n };
  for (const [name, limits] of LIMITS) {
    const allowed = limits.reduce((mask, limit) => mask & sets[limit], available);
    const why = limits.length > 0 ? `not in ${limits.join(" and ")}` : "the runtime does not have it";
    (capabilities?.[name] ?? []).forEach((capability, index) => {
      const bit = capabilityBit(capability);
      const from = pointer(base, "capabilities", name, index);
      if (bit === undefined) warnings.push(warning(from, `unknown capability "${capability}" is left out`));
      else if ((allowed & (1n << BigInt(bit))) === 0n)
        warnings.push(warning(from, `${capability} can't be granted: ${why}`));
      else sets[name] |= 1n << BigInt(bit);
    });
  }
  return { sets, warnings };
}

function warning(from: string, message: string): Operation {
  return { op: "warn", from, message: `${from}: ${message}` };
}
