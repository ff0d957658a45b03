/** The conditions on the arguments of a system call, as pairs of 32-bit words: BPF compares no wider values. */
import { TsociError } from "../../base/errors.ts";
import { pointer } from "../../base/pointer.ts";
import { OPERATORS } from "../../kernel/seccomp.ts";
import type { SeccompArg } from "../../spec/generated/config.ts";

/** The exact value of an integer of config.json that a JSON parser rounds, by its pointer; undefined: not rounded. */
export type Exact = (pointer: string) => bigint | undefined;

export interface Words {
  readonly high: number;
  readonly low: number;
}

/** Holds when `argument & mask` passes `test` against `value` (which is masked already); the reverse when negated. */
export interface Condition {
  readonly argument: number;
  readonly test: "eq" | "gt" | "ge";
  readonly negated: boolean;
  readonly rank: number;
  readonly value: Words;
  readonly mask: Words;
}

const MAX = 0xffff_ffff_ffff_ffffn;
const ALL: Words = { high: 0xffff_ffff, low: 0xffff_ffff };

/** Reads one entry of `args`. For a masked comparison `value` is the mask and `valueTwo` what is compared. */
export function readCondition(arg: SeccompArg, at: string, exact: Exact): Condition {
  const { test, negated, rank, masked } = OPERATORS[arg.op];
  const value = words(arg.value, at, "value", exact);
  if (!masked) return { argument: arg.index, test, negated, rank, value, mask: ALL };
  const compared = words(arg.valueTwo ?? 0, at, "valueTwo", exact);
  // Bits outside of the mask are no condition that could ever hold: libseccomp drops them.
  const inside = { high: (compared.high & value.high) >>> 0, low: (compared.low & value.low) >>> 0 };
  return { argument: arg.index, test, negated, rank, value: inside, mask: value };
}

/** Whether a condition holds for every argument of that width, so that it can be left out. */
export function isAlwaysTrue(condition: Condition, bits: 32 | 64): boolean {
  return condition.mask.low === 0 && (bits === 32 || condition.mask.high === 0);
}

/**
 * The order in which libseccomp tries the conditions of one system call: higher arguments first, then by rank, then
 * the narrower comparison. It matters only where rules with different actions overlap.
 */
export function compareConditions(a: Condition, b: Condition, bits: 32 | 64): number {
  if (a.argument !== b.argument) return b.argument - a.argument;
  if (a.rank !== b.rank) return b.rank - a.rank;
  const difference = (bits === 64 && b.value.high - a.value.high) || b.value.low - a.value.low;
  return a.rank === 2 ? -difference : difference;
}

/** Equal for conditions that hold for the same arguments and were written the same way. */
export function conditionKey({ argument, test, negated, value, mask }: Condition, bits: 32 | 64): string {
  const low = `${argument}${negated ? "!" : ""}${test}${mask.low}=${value.low}`;
  return bits === 32 ? low : `${low} ${mask.high}=${value.high}`;
}

/** Pointers are made for the rare values that need them only: making one for each value costs more than reading it. */
function words(value: number, at: string, key: string, exact: Exact): Words {
  if (Number.isSafeInteger(value) && value >= 0) return { high: Math.floor(value / 2 ** 32), low: value >>> 0 };
  const wide = exact(pointer(at, key)) ?? rounded(value);
  if (wide >= 0n && wide <= MAX) return { high: Number(wide >> 32n), low: Number(wide & 0xffff_ffffn) };
  throw new TsociError("config", "expected an unsigned 64-bit integer", { pointer: pointer(at, key) });
}

/** The best guess where nobody knows the exact value: a parser rounds 2^64-1, which profiles do use, up to 2^64. */
function rounded(value: number): bigint {
  if (!Number.isInteger(value)) return -1n;
  return value === 2 ** 64 ? MAX : BigInt(value);
}
