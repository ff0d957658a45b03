/** What the readers of single controllers share: files of the container's cgroups, and objects without what is zero. */
import type { ExactJson } from "../../../base/exact-json.ts";

/** The container's cgroups. Counters are read one file after the other, and may change in between. */
export interface Counters {
  readonly version: 1 | 2;
  /** The text of a file in the cgroup of a controller; undefined where there is none. */
  read(controller: string, file: string): string | undefined;
}

/** "max", as runc's consumers know it. */
export const UNLIMITED = 2n ** 64n - 1n;

/** The number that a file holds; 0 for a missing file, UNLIMITED for "max". */
export function numberIn(text: string | undefined): bigint {
  const word = text?.trim() ?? "";
  if (word === "max") return UNLIMITED;
  return /^\d+$/.test(word) ? BigInt(word) : 0n;
}

/** Lines of "key value"; other lines are left out. */
export function fieldsIn(text: string | undefined): ReadonlyMap<string, bigint> {
  const fields = new Map<string, bigint>();
  for (const line of text?.split("\n") ?? []) {
    const [, key, value] = /^(\S+) (\d+)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) fields.set(key, BigInt(value));
  }
  return fields;
}

type Members = { readonly [key: string]: ExactJson | undefined };

function isZero(value: ExactJson | undefined): boolean {
  return value === undefined || value === 0n || (Array.isArray(value) && value.length === 0);
}

/** Without the members that are zero, empty or undefined: Go's `omitempty`. */
export function omitEmpty(members: Members): Members {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => !isZero(value)));
}

/** Nothing, when all members are zero: Go's `omitzero`. */
export function omitZero(members: Members): Members | undefined {
  return Object.values(members).every(isZero) ? undefined : members;
}
