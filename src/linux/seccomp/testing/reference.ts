/**
 * What a profile means, said as plainly as possible and without any code of the compiler: the arbiter where the compiler
 * and libseccomp disagree. Covers profiles whose rules for one system call don't contradict each other.
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

/** The word that a filter for this profile must return. */
export function expected(given: Case, call: SystemCall): number {
  const [native, ...others] = MACHINES[given.machine];
  const names: SeccompArchitectureName[] = [native, ...others.filter((name) => given.architectures.includes(name))];
  const sharing = names.map((name) => ARCHITECTURES[name]).filter(({ audit }) => audit === call.audit);
  const architecture = sharing.findLast(({ base }) => base === 0 || sharing.length === 1 || call.number >= base);
  if (!architecture) return KILL;
  const x86_64 = architecture === ARCHITECTURES.SCMP_ARCH_X86_64;
  if (x86_64 && call.number >= 0x40000000 && call.number !== ALL_BITS) return KILL;
  return verdict(given, architecture, call);
}

function verdict(given: Case, architecture: Architecture, call: SystemCall): number {
  const number = call.number - architecture.base;
  const fallback = word(given.defaultAction, given.defaultErrnoRet);
  const numbers = syscallNumbers(architecture.table);
  const ordinary = [...numbers.values()].filter((value) => value < PRIVATE_SYSCALLS);
  const named = given.rules.flatMap(({ names }) => names.flatMap((name) => allNumbers(name, numbers)));
  const newest = Math.max(-1, ...named.filter((value) => ordinary.includes(value)));
  const privately = architecture.table === "arm" && number >= PRIVATE_SYSCALLS;
  const newer = (number > newest && !privately) || (architecture.unknown === number && newest >= 0);
  if (newer)
    return newest >= 0 && denies(given.defaultAction)
      ? ACTIONS.SCMP_ACT_ERRNO.value + enosys(architecture.table)
      : fallback;
  const rules = given.rules.filter((rule) => word(rule.action, rule.errnoRet) !== fallback);
  const always = rules.find((rule) => alternatives(rule, number, architecture).some((args) => args.length === 0));
  if (always) return word(always.action, always.errnoRet);
  const holds = (arg: ExactArg) => compare(arg, call.args[arg.index] ?? 0n, architecture.bits);
  const match = rules.find((rule) => alternatives(rule, number, architecture).some((args) => args.every(holds)));
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

function denies(action: SeccompAction): boolean {
  return !["SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE"].includes(action);
}

function word(action: SeccompAction, errno = 1): number {
  const { value, data } = ACTIONS[action];
  return data ? value + errno : value;
}
