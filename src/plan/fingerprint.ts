/**
 * The fingerprint of the table of operations: what planner and executor must agree about. The build writes it down
 * (generated/fingerprint.ts), for computing it takes an engine that has just started longer than planning does.
 */
import type { ArgumentKind } from "./arguments.ts";
import { definitions, SECTIONS } from "./operations.ts";
import { slots } from "./slots.ts";

/** FNV-1a over names, arguments and numbers. */
export function computeFingerprint(): number {
  const agreed = JSON.stringify([
    Object.entries(definitions).map(([name, definition]) => [
      name,
      Object.entries(definition.args).map(([argument, kind]) => [argument, kind.wire, namesAndBits(kind)]),
    ]),
    slots,
    SECTIONS,
  ]);
  let hash = 0x811c9dc5;
  for (let index = 0; index < agreed.length; index++) hash = Math.imul(hash ^ agreed.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

function namesAndBits(kind: ArgumentKind<unknown>): readonly (readonly [string, string])[] {
  return (kind.names ?? []).map((name) => [name, numberFor(kind, name).toString()] as const);
}

/** The number of one name of a kind: flags take a list of names, other kinds one. */
export function numberFor(kind: ArgumentKind<unknown>, name: string): number | bigint {
  if (!kind.encode) return 0;
  return kind.describe === "flags" ? kind.encode([name]) : kind.encode(name);
}
