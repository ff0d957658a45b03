/** Asks a profile about system calls by name. */
import { ARCHITECTURES, MACHINES, type Machine, type SeccompArchitectureName } from "../../../kernel/seccomp.ts";
import { syscallNumbers } from "../../../kernel/syscalls.ts";
import type { Seccomp, SeccompSyscall } from "../../../spec/generated/config.ts";
import { compileSeccomp } from "../compile.ts";
import { interpret } from "../interpret.ts";

export const ALLOW = 0x7fff0000;
export const KILL = 0;
export const ERRNO = 0x50000;
export const EPERM = ERRNO | 1;
export const ENOSYS = ERRNO | 38;

/** Names the newest call, so that a test sees the default action instead of ENOSYS. */
export const UP_TO_DATE: SeccompSyscall = { names: ["file_setattr"], action: "SCMP_ACT_ALLOW" };

export interface Ask {
  readonly machine?: Machine;
  /** The architecture that makes the call; the machine's own by default. */
  readonly as?: SeccompArchitectureName;
  readonly args?: readonly bigint[];
}

/** What the filter returns for a call, by name or by number (as the architecture counts, with its base). */
export function verdict(profile: Seccomp, call: string | number, { machine = "x64", as, args = [] }: Ask = {}): number {
  const native = MACHINES[machine][0];
  const { audit, base, table } = ARCHITECTURES[as ?? native];
  const number = typeof call === "number" ? call : base + (syscallNumbers(table).get(call) ?? Number.NaN);
  if (Number.isNaN(number)) throw new RangeError(`no ${call} on ${table}`);
  const { filter } = compileSeccomp(profile, { arch: machine });
  const all = [...args, 0n, 0n, 0n, 0n, 0n, 0n].slice(0, 6);
  return interpret(filter, { number, audit, args: all }, ARCHITECTURES[native].littleEndian).word;
}

/** A profile that refuses with EPERM whatever the rules don't speak of. */
export function deny(...syscalls: readonly SeccompSyscall[]): Seccomp {
  return { defaultAction: "SCMP_ACT_ERRNO", syscalls: [...syscalls, UP_TO_DATE] };
}

export function allow(names: string | readonly string[], args: SeccompSyscall["args"] = []): SeccompSyscall {
  return { names: typeof names === "string" ? [names] : names, action: "SCMP_ACT_ALLOW", args };
}
