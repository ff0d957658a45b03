/**
 * The rules of a profile by the name of the system call, before any architecture gives it a number.
 *
 * Some architectures offer `socket` and its like twice: as a call of its own, and through socketcall(2) or ipc(2) with
 * the call as first argument. A rule goes to both: `socketcall` gets it with the condition "the first argument is 1".
 * That call's other arguments are one pointer, so a condition on the first argument is lost there, and those on others
 * see the pointer; all of this is what libseccomp does. Without a multiplexer nobody asks for its rules.
 */
import { MULTIPLEXED } from "../../kernel/syscalls/multiplexed.ts";
import type { Condition } from "./condition.ts";
import { type Clause, makeClause, type Rule } from "./profile.ts";

/** What the filter returns, or the clauses that decide: in the order of the profile, the default action after them. */
export type Verdict = number | readonly Clause[];

/** The rules of a name, the last one first. Names with equal rules share one list, and so ranges of the search tree. */
export interface RuleList {
  readonly rule: Rule;
  /** The call, where the rule was made for it and comes to its multiplexer. */
  readonly call: number | undefined;
  readonly before: RuleList | undefined;
  /** This list and one more rule. */
  readonly longer: Map<Rule, RuleList>;
  readonly verdicts: { 32?: Verdict; 64?: Verdict };
}

export type RulesByName = ReadonlyMap<string, RuleList>;

export function sortByName(rules: readonly Rule[]): RulesByName {
  const lists = new Map<string, RuleList>();
  for (const rule of rules) {
    const first = makeList(rule);
    for (const name of rule.names) {
      const before = lists.get(name);
      lists.set(name, before ? extend(before, rule) : first);
    }
  }
  addMultiplexers(lists);
  return lists;
}

/** Gives the multiplexers the rules of their calls, in the profile's order. */
function addMultiplexers(lists: Map<string, RuleList>): void {
  const added = { socketcall: oldestFirst(lists.get("socketcall")), ipc: oldestFirst(lists.get("ipc")) };
  for (const [name, { by, call }] of MULTIPLEXED) {
    for (const { rule } of oldestFirst(lists.get(name))) added[by].push(makeList(rule, call));
  }
  for (const [by, links] of Object.entries(added)) {
    let list: RuleList | undefined;
    for (const { rule, call } of links.sort((a, b) => a.rule.index - b.rule.index)) list = makeList(rule, call, list);
    if (list) lists.set(by, list);
  }
}

/** The rules of two names for one system call, as if they were one name's. */
export function joinLists(a: RuleList, b: RuleList): RuleList {
  return oldestFirst(b).reduce((list, { rule, call }) => makeList(rule, call, list), a);
}

/**
 * What a list says, for arguments of that width. The precedence is libseccomp's: the first rule without conditions
 * decides, over any with conditions, earlier or later. Undefined: all rules ask for the default action.
 */
export function verdictOf(list: RuleList, bits: 32 | 64): Verdict | undefined {
  const known = list.verdicts[bits];
  if (known !== undefined) return known;
  const verdict = findVerdict(oldestFirst(list), bits);
  if (verdict !== undefined) list.verdicts[bits] = verdict;
  return verdict;
}

function findVerdict(links: readonly RuleList[], bits: 32 | 64): Verdict | undefined {
  for (const { rule, call } of links) {
    if (call !== undefined) continue;
    for (const clause of rule.clauses) if (conditionsOf(clause, bits).length === 0) return clause.word;
  }
  const clauses = links.flatMap(clausesOf);
  return clauses.length > 0 ? clauses : undefined;
}

/** The conditions that an ABI with arguments of that width sees. */
export function conditionsOf(clause: Clause, bits: 32 | 64): readonly Condition[] {
  return bits === 64 ? clause.conditions : clause.narrow;
}

function makeList(rule: Rule, call?: number, before?: RuleList): RuleList {
  return { rule, call, before, longer: new Map(), verdicts: {} };
}

function extend(list: RuleList, rule: Rule): RuleList {
  const known = list.longer.get(rule);
  if (known) return known;
  const longer = makeList(rule, undefined, list);
  list.longer.set(rule, longer);
  return longer;
}

function oldestFirst(list: RuleList | undefined): RuleList[] {
  const links: RuleList[] = [];
  for (let link = list; link; link = link.before) links.push(link);
  return links.reverse();
}

function clausesOf({ rule, call }: RuleList): readonly Clause[] {
  if (call === undefined) return rule.clauses;
  const isCall: Condition = {
    argument: 0,
    test: "eq",
    negated: false,
    rank: 3,
    value: { high: 0, low: call },
    mask: { high: 0xffff_ffff, low: 0xffff_ffff },
  };
  return rule.clauses.map(({ word, pointer, conditions }) =>
    makeClause(word, pointer, [isCall, ...conditions.filter(({ argument }) => argument > 0)]),
  );
}
