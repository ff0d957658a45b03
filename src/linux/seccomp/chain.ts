/** From the clauses of a system call, as they were written, to the order in which a filter tries them. */
import { TsociError } from "../../base/errors.ts";
import { compareConditions, conditionKey } from "./condition.ts";
import type { Clause } from "./profile.ts";
import type { Chain } from "./verdicts.ts";

/**
 * The clauses in the order of trying. Where all actions are equal the order means nothing, and is the profile's. Where they differ
 * it is libseccomp's (compareConditions), a clause that is the beginning of another before that one, ties in the profile's order.
 * Clauses with the same conditions and different actions contradict each other: refused, as by libseccomp (EEXIST).
 */
export function orderClauses(chain: Chain, bits: 32 | 64): readonly Clause[] {
  const unique = new Map<string, Clause>();
  let mixed = false;
  for (const clause of listed(chain)) {
    const key = conditionsOf(clause, bits)
      .map((condition) => conditionKey(condition, bits))
      .join(",");
    const same = unique.get(key);
    if (same && same.word !== clause.word) throw contradiction(clause, same);
    if (!same) unique.set(key, clause);
    mixed ||= clause.word !== chain.clause.word;
  }
  const clauses = [...unique.values()];
  return mixed ? clauses.sort((a, b) => compareClauses(a, b, bits)) : clauses;
}

/** The conditions that an ABI with arguments of that width sees. */
export function conditionsOf(clause: Clause, bits: 32 | 64) {
  return bits === 64 ? clause.conditions : clause.narrow;
}

function listed(chain: Chain): Clause[] {
  const clauses: Clause[] = [];
  for (let link: Chain | undefined = chain; link; link = link.before) clauses.push(link.clause);
  return clauses.reverse();
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
  const message = `the same system call and arguments as ${earlier.pointer}, but another action`;
  return new TsociError("config", message, { pointer: clause.pointer });
}
