/** Reads linux.seccomp: actions become the words that a filter returns, `syscalls` becomes a list of rules. */
import { TsociError } from "../../base/errors.ts";
import { ACTIONS } from "../../kernel/seccomp.ts";
import type { Seccomp, SeccompAction, SeccompArg, SeccompSyscall } from "../../spec/generated/config.ts";
import { type Condition, type Exact, isAlwaysTrue, readCondition } from "./condition.ts";

export const SECCOMP = "/linux/seccomp";

/** Conditions that must all hold, and what the filter then returns. Without conditions it always does. */
export interface Clause {
  readonly word: number;
  /** The entry of config.json that it comes from. */
  readonly pointer: string;
  readonly conditions: readonly Condition[];
  /** The conditions as an ABI of 32-bit arguments sees them: some are always true there. */
  readonly narrow: readonly Condition[];
}

/** One entry of `syscalls`: its clauses are alternatives. None: the entry asks for the default action. */
export interface Rule {
  readonly index: number;
  readonly names: readonly string[];
  readonly clauses: readonly Clause[];
}

export interface Profile {
  readonly defaultAction: SeccompAction;
  /** What the filter returns where no rule speaks. */
  readonly word: number;
  readonly rules: readonly Rule[];
}

const EPERM = 1;

/** Reads a profile that passed the schema; refuses an errno for an action that has none. */
export function readProfile(seccomp: Seccomp, exact: Exact): Profile {
  const { defaultAction, defaultErrnoRet, syscalls = [] } = seccomp;
  const word = actionWord(defaultAction, defaultErrnoRet, `${SECCOMP}/defaultErrnoRet`);
  const rules = syscalls.map((entry, index) => readRule(entry, index, word, exact));
  return { defaultAction, word, rules };
}

function readRule(entry: SeccompSyscall, index: number, defaultWord: number, exact: Exact): Rule {
  const at = `${SECCOMP}/syscalls/${index}`;
  const word = actionWord(entry.action, entry.errnoRet, `${at}/errnoRet`);
  const conditions = readConditions(entry.args ?? [], at, exact);
  // As in runc and crun, a rule that repeats the default action is no rule: it doesn't hide others of the same call.
  const alternatives = word === defaultWord ? [] : split(conditions);
  return { index, names: entry.names, clauses: alternatives.map((all) => makeClause(word, at, all)) };
}

function readConditions(args: readonly SeccompArg[], at: string, exact: Exact): Condition[] {
  return args.map((arg, index) => readCondition(arg, `${at}/args/${index}`, exact));
}

/**
 * As in runc and crun, an argument that is named twice makes the conditions alternatives: profiles of the days
 * before "all of them" was the rule rely on that.
 */
function split(conditions: readonly Condition[]): (readonly Condition[])[] {
  if (conditions.length < 2) return [conditions];
  const named = new Set(conditions.map(({ argument }) => argument));
  return named.size < conditions.length ? conditions.map((condition) => [condition]) : [conditions];
}

/** Makes a clause; the conditions are tried from the first argument to the last, as libseccomp does. */
export function makeClause(word: number, at: string, all: readonly Condition[]): Clause {
  if (all.length === 0) return { word, pointer: at, conditions: all, narrow: all };
  const sorted = [...all].sort((a, b) => a.argument - b.argument);
  const conditions = sorted.filter((condition) => !isAlwaysTrue(condition, 64));
  return { word, pointer: at, conditions, narrow: conditions.filter((condition) => !isAlwaysTrue(condition, 32)) };
}

function actionWord(action: SeccompAction, errno: number | undefined, at: string): number {
  const { value, data } = ACTIONS[action];
  if (data) return value | (errno ?? EPERM);
  if (errno !== undefined) throw new TsociError("config", `${action} takes no errno`, { pointer: at });
  return value;
}

/** Whether some rule asks for a listener. */
export function asksAgent({ defaultAction, syscalls = [] }: Seccomp): boolean {
  return [defaultAction, ...syscalls.map(({ action }) => action)].includes("SCMP_ACT_NOTIFY");
}
