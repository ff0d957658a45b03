/** Random profiles and system calls to try them on. */
import {
  ARCHITECTURES,
  MACHINES,
  type Machine,
  OPERATORS,
  type SeccompArchitectureName,
} from "../../../kernel/seccomp.ts";
import { MULTIPLEXED } from "../../../kernel/syscalls/multiplexed.ts";
import { PRIVATE_SYSCALLS, SYSCALL_TABLES, type SyscallTable, syscallNumbers } from "../../../kernel/syscalls.ts";
import type { Seccomp, SeccompAction, SeccompOperator } from "../../../spec/generated/config.ts";
import type { SystemCall } from "../interpret.ts";
import type { Random } from "./random.ts";

/** An argument of a rule with its exact value; `profile` has it as JSON would. */
export interface ExactArg {
  readonly index: number;
  readonly op: SeccompOperator;
  readonly value: bigint;
  readonly valueTwo: bigint;
}

export interface ExactRule {
  readonly names: readonly string[];
  readonly action: SeccompAction;
  readonly errnoRet?: number;
  readonly args: readonly ExactArg[];
}

export interface Case {
  readonly machine: Machine;
  readonly defaultAction: SeccompAction;
  readonly defaultErrnoRet?: number;
  readonly architectures: readonly SeccompArchitectureName[];
  readonly rules: readonly ExactRule[];
}

/**
 * `tame`: at most one rule with conditions for a system call, and only names that the native architecture has.
 * `consistent`: rules with conditions for one system call have one action. `mixed`: they may have different ones.
 */
export type Wildness = "tame" | "consistent" | "mixed";

export interface Shape {
  readonly machines: readonly Machine[];
  readonly wildness: Wildness;
}

const DEFAULTS: readonly SeccompAction[] = [
  "SCMP_ACT_ERRNO",
  "SCMP_ACT_ERRNO",
  "SCMP_ACT_ALLOW",
  "SCMP_ACT_KILL",
  "SCMP_ACT_KILL_PROCESS",
  "SCMP_ACT_TRACE",
  "SCMP_ACT_LOG",
  "SCMP_ACT_TRAP",
];
const OPERATOR_NAMES = Object.keys(OPERATORS) as SeccompOperator[];
const EDGES = [0n, 1n, 2n, 5n, 40n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0x100000000n, 0x100000001n];
const WIDE_EDGES = [2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n, 0x7fffffffffffffffn, 0x200000000n];
/** Names that meet each other in many rules. */
const POPULAR = [
  "read",
  "clone",
  "socket",
  "personality",
  "semop",
  "accept",
  "openat",
  "ioctl",
  "setsockopt",
  "cacheflush",
];

/**
 * Names left out: those that the libseccomp of Debian 12 doesn't know (on all architectures), and the multiplexers,
 * whose rules can contradict those of the calls that they carry.
 */
const UNUSED = new Set([
  "uretprobe",
  "uprobe",
  "riscv_hwprobe",
  "memfd_secret",
  "map_shadow_stack",
  "sync_file_range2",
  "sys_debug_setcontext",
  "socketcall",
  "ipc",
]);

/** All names that some architecture has. */
const NAMES = [...new Set(SYSCALL_TABLES.flatMap((table) => usualNames(table)))];

function usualNames(table: SyscallTable): string[] {
  const usual = (number: number) => number < 450 || number >= PRIVATE_SYSCALLS;
  return [...syscallNumbers(table)]
    .filter(([name, number]) => usual(number) && !UNUSED.has(name))
    .map(([name]) => name);
}

export function randomCase(random: Random, shape: Shape): Case {
  const machine = random.pick(shape.machines);
  const action = random.pick(DEFAULTS);
  const native = usualNames(ARCHITECTURES[MACHINES[machine][0]].table);
  const all = shape.wildness === "tame" ? native : NAMES;
  const popular = POPULAR.filter((name) => shape.wildness !== "tame" || native.includes(name));
  const names = [...popular, ...Array.from({ length: 1 + random.below(60) }, () => random.pick(all)), "no_such_call"];
  return {
    machine,
    defaultAction: action,
    ...(hasErrno(action) && random.chance(50) ? { defaultErrnoRet: random.pick([0, 1, 38, 4094]) } : {}),
    architectures: MACHINES[machine].filter(() => random.chance(60)),
    rules: randomRules(random, shape.wildness, names),
  };
}

function randomRules(random: Random, wildness: Wildness, names: readonly string[]): ExactRule[] {
  const actions = new Map(names.map((name) => [name, randomAction(random)]));
  const isTame = tameRules();
  const rules: ExactRule[] = [];
  for (let count = random.below(40); count > 0; count--) {
    const args = randomArgs(random, wildness);
    const named = Array.from({ length: 1 + random.below(6) }, () => random.pick(names));
    // Two rules that contradict each other are an error, and easily made with calls that share a multiplexer.
    const free = wildness === "mixed" || (args.length === 0 && !named.some((name) => MULTIPLEXED.has(name)));
    if (free) rules.push({ names: named, ...randomAction(random), args });
    for (const name of free ? [] : named) {
      if (wildness === "tame" && !isTame(name, args.length > 0)) continue;
      rules.push({ names: [name], ...(actions.get(name) ?? randomAction(random)), args });
    }
  }
  return rules;
}

/** Admits one rule with conditions for a call, and where calls share a multiplexer, for all of these no other rule. */
function tameRules(): (name: string, conditional: boolean) => boolean {
  const ruled = new Set<string>();
  const conditioned = new Set<string>();
  return (name, conditional) => {
    const multiplexer = MULTIPLEXED.get(name)?.by;
    const call = multiplexer ?? name;
    const refused =
      multiplexer && conditional ? ruled.has(call) : conditioned.has(call) && (conditional || multiplexer);
    if (refused) return false;
    ruled.add(call);
    if (conditional) conditioned.add(call);
    return true;
  };
}

/** The profile as a JSON parser gives it, and what it rounded. */
export function asProfile(given: Case): { profile: Seccomp; exact: (pointer: string) => bigint | undefined } {
  const exact = new Map<string, bigint>();
  const syscalls = given.rules.map(({ names, action, errnoRet, args }, rule) => ({
    names,
    action,
    ...(errnoRet === undefined ? {} : { errnoRet }),
    args: args.map(({ index, op, value, valueTwo }, arg) => {
      const at = `/linux/seccomp/syscalls/${rule}/args/${arg}`;
      exact.set(`${at}/value`, value).set(`${at}/valueTwo`, valueTwo);
      return { index, op, value: Number(value), valueTwo: Number(valueTwo) };
    }),
  }));
  const { defaultAction, architectures } = given;
  const errno = given.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: given.defaultErrnoRet };
  return { profile: { defaultAction, ...errno, architectures, syscalls }, exact: (at) => exact.get(at) };
}

/** System calls that are likely to meet the edges of a rule. */
export function randomCalls(random: Random, given: Case, count: number): SystemCall[] {
  const values = given.rules.flatMap(({ args }) => args.flatMap(({ value, valueTwo }) => [value, valueTwo]));
  return Array.from({ length: count }, () => randomCall(random, given, values));
}

function randomCall(random: Random, given: Case, values: readonly bigint[]): SystemCall {
  const architecture = ARCHITECTURES[random.pick(MACHINES[given.machine])];
  const numbers = syscallNumbers(architecture.table);
  const rule = given.rules.length > 0 ? random.pick(given.rules) : undefined;
  const name = random.chance(15) ? random.pick(["socketcall", "ipc"]) : rule && random.pick(rule.names);
  const number = (name === undefined ? undefined : numbers.get(name)) ?? random.below(500);
  const args = Array.from({ length: 6 }, () => nearby(random, values));
  if (name === "socketcall" || name === "ipc") args[0] = BigInt(random.below(26));
  if (random.chance(70) && rule) {
    for (const arg of rule.args) args[arg.index] = nearby(random, [arg.value, arg.valueTwo]);
  }
  const audit = random.chance(3) ? random.pick(Object.values(ARCHITECTURES)).audit : architecture.audit;
  return { number: oddNumber(random) ?? (architecture.base + number) >>> 0, audit, args };
}

function oddNumber(random: Random): number | undefined {
  return random.chance(6)
    ? random.pick([0xffffffff, 0x40000000, 0x80000000, 0x40000001, 0, 470, 1000, 0xf0002, 0xf0010, 4000])
    : undefined;
}

function nearby(random: Random, values: readonly bigint[]): bigint {
  const kind = random.below(8);
  if (kind === 0 || values.length === 0) return random.bits64();
  if (kind === 1) return random.pick(EDGES);
  const value = random.pick(values);
  const near = [
    value,
    value,
    value - 1n,
    value + 1n,
    value ^ (1n << BigInt(random.below(64))),
    value & random.bits64(),
  ];
  return BigInt.asUintN(64, random.pick(near));
}

function randomArgs(random: Random, wildness: Wildness): ExactArg[] {
  if (random.chance(50)) return [];
  const args = Array.from({ length: 1 + random.below(3) }, () => ({
    index: random.below(random.chance(50) ? 2 : 6),
    op: random.pick(OPERATOR_NAMES),
    value: randomValue(random),
    valueTwo: randomValue(random),
  }));
  // An argument named twice makes alternatives, and so more than one rule.
  return wildness === "tame" ? [...new Map(args.map((arg) => [arg.index, arg])).values()] : args;
}

function randomValue(random: Random): bigint {
  if (random.chance(60)) return random.pick(EDGES);
  return random.chance(50) ? random.pick(WIDE_EDGES) : random.bits64();
}

function randomAction(random: Random): { action: SeccompAction; errnoRet?: number } {
  const action = random.pick(DEFAULTS);
  return hasErrno(action) && random.chance(60) ? { action, errnoRet: random.pick([0, 1, 13, 38]) } : { action };
}

function hasErrno(action: SeccompAction): boolean {
  return action === "SCMP_ACT_ERRNO" || action === "SCMP_ACT_TRACE";
}
