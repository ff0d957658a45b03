/** Reads linux.seccomp: actions become the words that a filter returns, `syscalls` becomes a list of rules. */
import { TsociError } from "../../base/errors.ts";
import { pointer } from "../../base/pointer.ts";
import { ACTIONS } from "../../kernel/seccomp.ts";
import type { Seccomp, SeccompAction, SeccompSyscall } from "../../spec/generated/config.ts";
import { type Condition, type Exact, isAlwaysTrue, readCondition } from "./condition.ts";

export const SECCOMP = "/linux/seccomp";

/** Conditions that must all hold, and what the filter then returns. Without conditions it always does. */
export interface Clause {
  readonly word: number;
  readonly pointer: string;
  readonly conditions: readonly Condition[];
  /** The conditions as an ABI of 32-bit arguments sees them: some are always true there. */
  readonly narrow: readonly Condition[];
}

/** One entry of `syscalls`: its clauses are alternatives. None: the entry asks for the default action. */
export interface Rule {
  readonly names: readonly string[];
  readonly pointer: string;
  readonly clauses: readonly Clause[];
}

export interface Profile {
  readonly defaultAction: SeccompAction;
  /** What the filter returns where no rule speaks. */
  readonly word: number;
  readonly rules: readonly Rule[];
  /** The first entry that asks for a listener. */
  readonly notify: string | undefined;
}

const EPERM = 1;

/** Reads a profile that passed the schema; refuses an errno for an action that has none. */
export function readProfile(seccomp: Seccomp, exact: Exact): Profile {
  const at = pointer(SECCOMP, "defaultErrnoRet");
  const word = actionWord(seccomp.defaultAction, seccomp.defaultErrnoRet, at);
  const rules = (seccomp.syscalls ?? []).map((entry, index) => {
    return readRule(entry, pointer(SECCOMP, "syscalls", index), word, exact);
  });
  return { defaultAction: seccomp.defaultAction, word, rules, notify: findNotify(seccomp) };
}

function readRule(entry: SeccompSyscall, at: string, defaultWord: number, exact: Exact): Rule {
  const word = actionWord(entry.action, entry.errnoRet, pointer(at, "errnoRet"));
  const args = entry.args ?? [];
  const conditions = args.map((arg, index) => readCondition(arg, pointer(at, "args", index), exact));
  const rule = { names: entry.names, pointer: at };
  // As in runc and crun, a rule that repeats the default action is no rule: it doesn't hide others of the same call.
  if (word === defaultWord) return { ...rule, clauses: [] };
  // As in runc and crun, an argument that is named twice makes the conditions alternatives (a profile from before
  // "all of them" was the rule).
  const repeated = new Set(conditions.map(({ argument }) => argument)).size < conditions.length;
  const alternatives = repeated ? conditions.map((condition) => [condition]) : [conditions];
  return { ...rule, clauses: alternatives.map((all) => makeClause(word, at, all)) };
}

/** Makes a clause; the conditions are tried from the first argument to the last, as libseccomp does. */
export function makeClause(word: number, at: string, all: readonly Condition[]): Clause {
  const sorted = all.length > 1 ? [...all].sort((a, b) => a.argument - b.argument) : all;
  const conditions = sorted.filter((condition) => !isAlwaysTrue(condition, 64));
  return { word, pointer: at, conditions, narrow: conditions.filter((condition) => !isAlwaysTrue(condition, 32)) };
}

function actionWord(action: SeccompAction, errno: number | undefined, at: string): number {
  const { value, data } = ACTIONS[action];
  if (data) return value | (errno ?? EPERM);
  if (errno !== undefined) throw new TsociError("config", `${action} takes no errno`, { pointer: at });
  return value;
}

function findNotify({ defaultAction, syscalls = [] }: Seccomp): string | undefined {
  if (defaultAction === "SCMP_ACT_NOTIFY") return pointer(SECCOMP, "defaultAction");
  const index = syscalls.findIndex(({ action }) => action === "SCMP_ACT_NOTIFY");
  return index < 0 ? undefined : pointer(SECCOMP, "syscalls", index, "action");
}
