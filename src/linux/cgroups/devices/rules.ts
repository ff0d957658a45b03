/** linux.resources.devices (config-linux.md, Allowed Device list): config.json's rules in a form that both layouts take. */
import { pointer } from "../../../base/pointer.ts";
import type { DeviceCgroupRule } from "../../../spec/generated/config.ts";

/** As in <linux/bpf.h>, BPF_DEVCG_ACC_*. */
export const ACCESS = { m: 1, r: 2, w: 4 } as const;
export const ALL_ACCESS = ACCESS.m | ACCESS.r | ACCESS.w;

/** One rule about block or character devices; major and minor undefined: all. */
export interface DeviceRule {
  readonly allow: boolean;
  readonly type: "b" | "c";
  readonly major: number | undefined;
  readonly minor: number | undefined;
  /** Bits of ACCESS. */
  readonly access: number;
  readonly from: string;
}

/** What holds for every device, and the rules about some of them in order: the last one that fits an access decides. */
export interface DeviceRules {
  readonly base: { readonly allow: boolean; readonly from: string };
  readonly rules: readonly DeviceRule[];
}

export const DEFAULT_ORIGIN = "default devices";

/** What every container may use, after the rules of config.json, as in every other runtime: [type, major, minor, access]. */
const DEFAULTS = [
  ["c", undefined, undefined, ACCESS.m],
  ["b", undefined, undefined, ACCESS.m],
  ["c", 1, 3, ALL_ACCESS], // null
  ["c", 1, 5, ALL_ACCESS], // zero
  ["c", 1, 7, ALL_ACCESS], // full
  ["c", 1, 8, ALL_ACCESS], // random
  ["c", 1, 9, ALL_ACCESS], // urandom
  ["c", 5, 0, ALL_ACCESS], // tty
  ["c", 136, undefined, ALL_ACCESS], // pts
  ["c", 5, 2, ALL_ACCESS], // ptmx
  ["c", 10, 200, ALL_ACCESS], // net/tun
] as const;

/**
 * Everything is denied until a rule allows it, be there rules or not. A rule about all devices ends what came before
 * it; a rule about all types, but some numbers or some access, becomes two.
 */
export function deviceRules(config: readonly DeviceCgroupRule[] = []): DeviceRules {
  let base = { allow: false, from: DEFAULT_ORIGIN };
  let rules: DeviceRule[] = [];
  for (const [index, rule] of config.entries()) {
    const from = pointer("/linux/resources/devices", index);
    if (isAboutAll(rule)) {
      base = { allow: rule.allow, from };
      rules = [];
    } else {
      rules.push(...split(rule, from));
    }
  }
  // Where everything is allowed, the defaults have nothing to add.
  if (!base.allow || rules.length > 0) rules.push(...defaults());
  return { base, rules };
}

function defaults(): DeviceRule[] {
  return DEFAULTS.map(([type, major, minor, access]) => ({
    allow: true,
    type,
    major,
    minor,
    access,
    from: DEFAULT_ORIGIN,
  }));
}

function isAboutAll(rule: DeviceCgroupRule): boolean {
  const some = number(rule.major) !== undefined || number(rule.minor) !== undefined;
  return (rule.type ?? "a") === "a" && !some && accessBits(rule.access) === ALL_ACCESS;
}

function split(rule: DeviceCgroupRule, from: string): DeviceRule[] {
  const types: readonly ("b" | "c")[] = rule.type === "b" || rule.type === "c" ? [rule.type] : ["c", "b"];
  return types.map((type) => ({
    allow: rule.allow,
    type,
    major: number(rule.major),
    minor: number(rule.minor),
    access: accessBits(rule.access),
    from,
  }));
}

/** Docker writes -1 where it means all. */
function number(value: number | undefined): number | undefined {
  return value === undefined || value < 0 ? undefined : value;
}

function accessBits(access: string | undefined): number {
  if (access === undefined) return ALL_ACCESS;
  let bits = 0;
  for (const [letter, bit] of Object.entries(ACCESS)) if (access.includes(letter)) bits |= bit;
  return bits;
}
