/** What a profile says of every system call of one architecture. */
import type { Architecture } from "../../kernel/seccomp.ts";
import { MULTIPLEXED, type Multiplexed } from "../../kernel/syscalls/multiplexed.ts";
import { PRIVATE_SYSCALLS, syscallNumbers } from "../../kernel/syscalls.ts";
import type { Condition } from "./condition.ts";
import { type Clause, makeClause, type Rule } from "./profile.ts";

/**
 * Clauses to try one after the other, ending in the default action; from the last one backwards. Equal lists are one
 * object, so that neighbouring system calls with the same rules share a range of the search tree.
 */
export interface Chain {
  readonly clause: Clause;
  readonly before: Chain | undefined;
  readonly longer: Map<Clause, Chain>;
}

/** The word that the filter returns, or the clauses that decide. */
export type Verdict = number | Chain;

export interface Verdicts {
  /** By number, without the ABI's base. A call without an entry gets the default action. */
  readonly calls: readonly (Verdict | undefined)[];
  /** ARM's private calls, by number. */
  readonly private: ReadonlyMap<number, Verdict>;
  /** The highest number that the profile names, whatever it says of it; -1: it names none. Private calls don't count. */
  readonly newest: number;
}

/**
 * Applies the rules in order, with libseccomp's precedence: the first rule without conditions decides, over any with
 * conditions, earlier or later. A name that the architecture lacks is skipped.
 *
 * `socket` and its like have two numbers where the architecture has socketcall(2) or ipc(2): the call's own, if it
 * has one, and the multiplexer with the call as first argument. A rule goes to both. The multiplexer's other arguments
 * are one pointer, so conditions on the first argument are lost there, and those on others see the pointer; all this is
 * what libseccomp does.
 */
export function collectVerdicts(rules: readonly Rule[], architecture: Architecture): Verdicts {
  const numbers = syscallNumbers(architecture.table);
  const multiplexes = numbers.has("socketcall");
  const book = new Book(architecture.bits);
  for (const rule of rules) {
    for (const name of rule.names) {
      const number = numbers.get(name);
      if (number !== undefined) book.add(number, rule.clauses);
      const multiplexed = multiplexes ? MULTIPLEXED.get(name) : undefined;
      if (multiplexed) book.addMultiplexed(numbers.get(multiplexed.by), multiplexed, rule.clauses);
    }
  }
  return book;
}

/** The names that none of the architectures has, each with the pointer of its rule. */
export function unknownNames(rules: readonly Rule[], architectures: readonly Architecture[]) {
  const tables = architectures.map(({ table }) => syscallNumbers(table));
  const known = (name: string) =>
    tables.some((table) => table.has(name) || (table.has("socketcall") && MULTIPLEXED.has(name)));
  return rules.flatMap(({ names, pointer }) =>
    names.filter((name) => !known(name)).map((name) => ({ name, pointer: `${pointer}/names` })),
  );
}

class Book implements Verdicts {
  readonly calls: (Verdict | undefined)[] = [];
  readonly private = new Map<number, Verdict>();
  newest = -1;
  readonly #chains = new Map<Clause, Chain>();
  readonly #bits: 32 | 64;

  constructor(bits: 32 | 64) {
    this.#bits = bits;
  }

  add(number: number, clauses: readonly Clause[]): void {
    if (number >= PRIVATE_SYSCALLS) {
      for (const clause of clauses) this.private.set(number, this.#extend(this.private.get(number), clause));
      return;
    }
    if (number > this.newest) this.newest = number;
    for (const clause of clauses) this.calls[number] = this.#extend(this.calls[number], clause);
  }

  addMultiplexed(number: number | undefined, multiplexed: Multiplexed, clauses: readonly Clause[]): void {
    if (number === undefined) return;
    if (number > this.newest) this.newest = number;
    for (const clause of clauses) {
      if (typeof this.calls[number] === "number") return;
      this.calls[number] = this.#extend(this.calls[number], throughMultiplexer(clause, multiplexed));
    }
  }

  #extend(verdict: Verdict | undefined, clause: Clause): Verdict {
    if (typeof verdict === "number") return verdict;
    const conditions = this.#bits === 64 ? clause.conditions : clause.narrow;
    if (conditions.length === 0) return clause.word;
    const siblings = verdict ? verdict.longer : this.#chains;
    let chain = siblings.get(clause);
    if (!chain) {
      chain = { clause, before: verdict, longer: new Map() };
      siblings.set(clause, chain);
    }
    return chain;
  }
}

function throughMultiplexer(clause: Clause, { call }: Multiplexed): Clause {
  const isCall: Condition = {
    argument: 0,
    test: "eq",
    negated: false,
    rank: 3,
    value: { high: 0, low: call },
    mask: { high: 0xffff_ffff, low: 0xffff_ffff },
  };
  return makeClause(clause.word, clause.pointer, [isCall, ...clause.conditions.filter(({ argument }) => argument > 0)]);
}
