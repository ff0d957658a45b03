/** From the clauses of a system call, as they were written, to the order in which a filter tries them. */
import { TsociError } from "../../base/errors.ts";
import { compareConditions, conditionKey } from "./condition.ts";
import { conditionsOf } from "./names.ts";
import type { Clause } from "./profile.ts";

/**
 * Where all actions are equal the order means nothing, and is the profile's. Where they differ it is libseccomp's
 * (compareConditions), with a clause that is the beginning of another before that one, and ties in the profile's order.
 * Clauses with the same conditions and different actions contradict each other: refused, as by libseccomp (EEXIST).
 */
export function orderClauses(clauses: readonly Clause[], bits: 32 | 64): readonly Clause[] {
  if (clauses.length < 2) return clauses;
  const unique = new Map<string, Clause>();
  for (const clause of clauses) {
    const key = keyOf(clause, bits);
    const same = unique.get(key);
    if (same && same.word !== clause.word) throw contradiction(clause, same);
    if (!same) unique.set(key, clause);
  }
  const ordered = [...unique.values()];
  const mixed = ordered.some(({ word }) => word !== ordered[0]?.word);
  return mixed ? ordered.sort((a, b) => compareClauses(a, b, bits)) : ordered;
}

function keyOf(clause: Clause, bits: 32 | 64): string {
  return conditionsOf(clause, bits)
    .map((condition) => conditionKey(condition, bits))
    .join(",");
}

function compareClauses(a: Clause, b: Clause, bits: 32 | 64): number {
  const first = conditionsOf(a, bits);
  const second = conditionsOf(b, bits);
  for (const [index, condition] of first.entries()) {
    const other = second[index];
    if (!other) return 1;
    const order = compareConditions(condition, other, bits);
    if (order !== 0) return order;
  }
  return first.length - second.length;
}

function contradiction(clause: Clause, earlier: Clause): TsociError {
  const message = `another action than ${earlier.pointer} for the same system call and arguments`;
  return new TsociError("config", message, { pointer: clause.pointer });
}
