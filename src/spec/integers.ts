/**
 * 64-bit integers: JSON.parse rounds beyond 2^53. The exact values come from the text, and only when it has a number
 * that long: RLIM_INFINITY and limits of memory do occur in real configurations, but not in most.
 */
import { pointer } from "../base/pointer.ts";
import { WIDE_INTEGERS } from "./generated/wide-integers.ts";

/** The smallest and the greatest value of a type. */
export const BOUNDS = {
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
} as const;

export interface WideInteger {
  readonly type: keyof typeof BOUNDS;
  readonly value: bigint;
}

/** The places of config.json that hold 64-bit integers, as a tree of property names; "*" is every entry of an array. */
export interface WideTree {
  readonly [key: string]: keyof typeof BOUNDS | WideTree;
}

/** A part of config.json that is a file of its own. */
export const WIDE_PLACES = {
  spec: WIDE_INTEGERS,
  process: subtree(WIDE_INTEGERS, "process"),
  resources: subtree(subtree(WIDE_INTEGERS, "linux"), "resources"),
};

function subtree(tree: WideTree, key: string): WideTree {
  const inner = tree[key];
  return typeof inner === "object" ? inner : {};
}

/** A number of 16 digits or more where a value can stand. Digits in a string may match too, which only costs time. */
const LONG_NUMBER = /[:[,]\s*-?[\d.]{16}/;

/** The same as a whole, to be put in quotes. */
const LONG_NUMBERS = /([:[,]\s*)(-?\d[-+.\deE]{15,})(?=\s*[,\]}])/g;

/** Strings, to step over them, and long numbers. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[-+.\deE]{15,}/g;

const NONE: ReadonlyMap<string, WideInteger> = new Map();

/**
 * Finds the integers that a JavaScript number can't hold: JSON Pointer → exact value. `value` is what JSON.parse made of
 * the text; `places` says where to look.
 */
export function exactIntegers(text: string, value: unknown, places: WideTree): ReadonlyMap<string, WideInteger> {
  if (!LONG_NUMBER.test(text)) return NONE;
  const found = new Map<string, WideInteger>();
  compare(value, parseQuoted(text), places, "", found);
  return found;
}

/** Parses the text with its long numbers as strings: each is the number as it was written. */
function parseQuoted(text: string): unknown {
  try {
    return JSON.parse(text.replace(LONG_NUMBERS, '$1"$2"'));
  } catch {
    // Quotes were put inside a string, which leaves no JSON. This is slower, and always right.
    return JSON.parse(text.replace(TOKENS, (token) => (token.startsWith('"') ? token : `"${token}"`)));
  }
}

function compare(
  value: unknown,
  written: unknown,
  places: WideTree,
  at: string,
  found: Map<string, WideInteger>,
): void {
  if (typeof value !== "object" || value === null || typeof written !== "object" || written === null) return;
  for (const [place, inner] of Object.entries(places)) {
    for (const key of place === "*" ? Object.keys(value) : [place]) {
      const child: unknown = Reflect.get(value, key);
      const text: unknown = Reflect.get(written, key);
      if (typeof inner === "object") compare(child, text, inner, pointer(at, key), found);
      else if (typeof child === "number" && typeof text === "string" && !Number.isSafeInteger(child)) {
        if (Number.isInteger(child)) found.set(pointer(at, key), { type: inner, value: exact(text, child) });
      }
    }
  }
}

/** No 64-bit integer is longer, and BigInt() takes quadratic time. */
const MAX_DIGITS = 40;

function exact(text: string, rounded: number): bigint {
  return BigInt(text.length <= MAX_DIGITS && /^-?\d+$/.test(text) ? text : rounded);
}

/** Says what is wrong with an integer, or undefined. */
export function boundsProblem({ type, value }: WideInteger): string | undefined {
  const [least, greatest] = BOUNDS[type];
  return value >= least && value <= greatest ? undefined : `an integer from ${least} to ${greatest}`;
}
