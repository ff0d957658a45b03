/** `tsoci update`: the limits of a container, and what changes of them, become its new limits. */
import type { ExactJson } from "../../base/exact-json.ts";
import { pointer } from "../../base/pointer.ts";

/** A part of config.json with exact integers. */
export type Tree = { readonly [key: string]: ExactJson | undefined };

/** The value of a file with the exact integers that JSON.parse rounded; `exact` as in LoadedSpec. */
export function exactTree(value: unknown, exact: (at: string) => bigint | undefined, at = ""): ExactJson {
  if (typeof value === "number") return exact(at) ?? value;
  if (typeof value !== "object" || value === null) return value as ExactJson;
  if (Array.isArray(value)) return value.map((entry, index) => exactTree(entry, exact, pointer(at, index)));
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, exactTree(entry, exact, pointer(at, key))]),
  );
}

/** Where 0 means "not set", as in every limit that the planners skip then: the value before stays. */
const UNSET_BY_ZERO: Readonly<Record<string, readonly string[]>> = {
  cpu: ["shares", "quota", "period", "realtimePeriod", "realtimeRuntime"],
  memory: ["limit", "swap", "reservation", "kernel", "kernelTCP"],
  blockIO: ["weight", "leafWeight"],
};

/** The properties that tell the entries of a list apart: an entry replaces the one with the same. */
const KEYS: readonly string[] = ["major", "minor", "pageSize", "name"];

/**
 * Merges two linux.resources: what the change names replaces what was there, whatever it does not name stays. Rules on
 * devices stay as they are, for `update` does not touch them.
 */
export function mergeResources(before: Tree, change: Tree): Tree {
  const { devices: _, ...rest } = change;
  const parts = Object.entries(rest).map(([part, value]) => {
    const zero = UNSET_BY_ZERO[part] ?? [];
    const named = isTree(value)
      ? Object.fromEntries(Object.entries(value).filter(([key, entry]) => Number(entry) !== 0 || !zero.includes(key)))
      : value;
    return [part, merge(dropOverruled(part, before[part], named), named)];
  });
  return { ...before, ...Object.fromEntries(parts) };
}

function merge(before: ExactJson | undefined, change: ExactJson | undefined): ExactJson | undefined {
  if (isList(before) && isList(change)) return mergeLists(before, change);
  if (!isTree(before) || !isTree(change)) return change;
  const members = Object.entries(change).map(([key, value]) => [key, merge(before[key], value)]);
  return { ...before, ...Object.fromEntries(members) };
}

function mergeLists(before: readonly ExactJson[], change: readonly ExactJson[]): readonly ExactJson[] {
  const keyOf = (entry: ExactJson) => JSON.stringify(KEYS.map((key) => (isTree(entry) ? String(entry[key]) : "")));
  const merged = new Map(before.map((entry) => [keyOf(entry), entry]));
  for (const entry of change) merged.set(keyOf(entry), merge(merged.get(keyOf(entry)), entry) ?? entry);
  return [...merged.values()];
}

/** What was there, but for what the kernel forgets with the change. */
function dropOverruled(part: string, before: ExactJson | undefined, change: ExactJson | undefined) {
  if (!isTree(before) || !isTree(change)) return before;
  // Unlimited memory takes memory and swap together with it (runc, and config-linux.md's "the same as").
  if (part === "memory" && Number(change.limit) === -1 && change.swap === undefined)
    return { ...before, swap: undefined };
  // An idle group has no shares, and gets the default ones when it is idle no more.
  const idles = change.idle !== undefined && Number(change.idle) !== Number(before.idle ?? 0);
  if (part === "cpu" && idles && change.shares === undefined) return { ...before, shares: undefined };
  return before;
}

function isList(value: ExactJson | undefined): value is readonly ExactJson[] {
  return Array.isArray(value);
}

function isTree(value: ExactJson | undefined): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
