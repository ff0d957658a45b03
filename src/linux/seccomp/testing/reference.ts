/**
 * What a profile means, said as plainly as possible and without any code of the compiler: the arbiter where the
 * compiler and libseccomp disagree. Covers profiles whose rules for one system call don't contradict each other.
 */
import {
  ACTIONS,
  ARCHITECTURES,
  type Architecture,
  enosys,
  MACHINES,
  type SeccompArchitectureName,
} from "../../../kernel/seccomp.ts";
import { MULTIPLEXED } from "../../../kernel/syscalls/multiplexed.ts";
import { PRIVATE_SYSCALLS, syscallNumbers } from "../../../kernel/syscalls.ts";
import type { SeccompAction, SeccompOperator } from "../../../spec/generated/config.ts";
import type { SystemCall } from "../interpret.ts";
import type { Case, ExactArg, ExactRule } from "./profiles.ts";

const KILL = 0;
const ALL_BITS = 0xffffffff;

export interface Expected {
  readonly word: number;
  /** The call is newer than the profile: libseccomp by itself gives it the default action. */
  readonly newer: boolean;
}

/** What a filter for this profile must return. */
export function expected(given: Case, call: SystemCall): Expected {
  const [native, ...others] = MACHINES[given.machine];
  const names: SeccompArchitectureName[] = [native, ...others.filter((name) => given.architectures.includes(name))];
  const sharing = names.map((name) => ARCHITECTURES[name]).filter(({ audit }) => audit === call.audit);
  const architecture = sharing.findLast(({ base }) => base === 0 || sharing.length === 1 || call.number >= base);
  if (!architecture) return { word: KILL, newer: false };
  const x32 = architecture === ARCHITECTURES.SCMP_ARCH_X86_64 && call.number >= 0x40000000;
  if (x32 && call.number !== ALL_BITS) return { word: KILL, newer: false };
  const number = call.number - architecture.base;
  const newer = isNewer(given, architecture, number);
  return { word: newer ? newerWord(given, architecture) : verdict(given, architecture, number, call.args), newer };
}

const newestOf = new WeakMap<Case, Map<Architecture, number>>();

/** The highest number that the rules name; remembered, because a test asks for hundreds of calls. */
function findNewest(given: Case, architecture: Architecture): number {
  const known = newestOf.get(given) ?? new Map<Architecture, number>();
  newestOf.set(given, known);
  const numbers = syscallNumbers(architecture.table);
  const named = () => given.rules.flatMap(({ names }) => names.flatMap((name) => allNumbers(name, numbers)));
  const newest = known.get(architecture) ?? Math.max(-1, ...named().filter((value) => value < PRIVATE_SYSCALLS));
  known.set(architecture, newest);
  return newest;
}

function isNewer(given: Case, architecture: Architecture, number: number): boolean {
  const newest = findNewest(given, architecture);
  const ownKind = architecture.table === "arm" && number >= PRIVATE_SYSCALLS;
  return newest >= 0 && ((number > newest && !ownKind) || number === architecture.unknown);
}

function newerWord({ defaultAction, defaultErrnoRet }: Case, { table }: Architecture): number {
  const admits = ["SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE"].includes(defaultAction);
  return admits ? word(defaultAction, defaultErrnoRet) : ACTIONS.SCMP_ACT_ERRNO.value + enosys(table);
}

function verdict(given: Case, architecture: Architecture, number: number, args: readonly bigint[]): number {
  const fallback = word(given.defaultAction, given.defaultErrnoRet);
  const rules = given.rules.filter((rule) => word(rule.action, rule.errnoRet) !== fallback);
  const some = (test: (list: readonly ExactArg[]) => boolean) =>
    rules.find((rule) => alternatives(rule, number, architecture).some(test));
  const holds = (arg: ExactArg) => compare(arg, args[arg.index] ?? 0n, architecture.bits);
  const match = some((list) => list.length === 0) ?? some((list) => list.every(holds));
  return match ? word(match.action, match.errnoRet) : fallback;
}

function allNumbers(name: string, numbers: ReadonlyMap<string, number>): number[] {
  const multiplexed = MULTIPLEXED.get(name);
  const own = numbers.get(name);
  const through = multiplexed && numbers.get(multiplexed.by);
  return [own, through].filter((number) => number !== undefined);
}

/** The conditions under which a rule speaks of a system call: one list of them must hold. */
function alternatives(rule: ExactRule, number: number, architecture: Architecture): ExactArg[][] {
  const numbers = syscallNumbers(architecture.table);
  if (!rule.names.some((name) => allNumbers(name, numbers).includes(number))) return [];
  const repeated = new Set(rule.args.map(({ index }) => index)).size < rule.args.length;
  const lists = repeated ? rule.args.map((arg) => [arg]) : [[...rule.args]];
  return rule.names.flatMap((name) => {
    const direct = numbers.get(name) === number ? lists : [];
    const multiplexed = MULTIPLEXED.get(name);
    if (!multiplexed || numbers.get(multiplexed.by) !== number) return direct.map((list) => real(list, architecture));
    const call: ExactArg = { index: 0, op: "SCMP_CMP_EQ", value: BigInt(multiplexed.call), valueTwo: 0n };
    return lists.map((list) => [call, ...real(list, architecture).filter(({ index }) => index > 0)]);
  });
}

/** Without the comparisons of no bits, which always hold. */
function real(list: readonly ExactArg[], { bits }: Architecture): ExactArg[] {
  return list.filter(({ op, value }) => op !== "SCMP_CMP_MASKED_EQ" || BigInt.asUintN(bits, value) !== 0n);
}

const COMPARE: Record<SeccompOperator, (argument: bigint, value: bigint, two: bigint) => boolean> = {
  SCMP_CMP_NE: (argument, value) => argument !== value,
  SCMP_CMP_LT: (argument, value) => argument < value,
  SCMP_CMP_LE: (argument, value) => argument <= value,
  SCMP_CMP_EQ: (argument, value) => argument === value,
  SCMP_CMP_GE: (argument, value) => argument >= value,
  SCMP_CMP_GT: (argument, value) => argument > value,
  SCMP_CMP_MASKED_EQ: (argument, mask, two) => (argument & mask) === (two & mask),
};

function compare({ op, value, valueTwo }: ExactArg, argument: bigint, bits: 32 | 64): boolean {
  return COMPARE[op](BigInt.asUintN(bits, argument), BigInt.asUintN(bits, value), BigInt.asUintN(bits, valueTwo));
}

function word(action: SeccompAction, errno = 1): number {
  const { value, data } = ACTIONS[action];
  return data ? value + errno : value;
}
