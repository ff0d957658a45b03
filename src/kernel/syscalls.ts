/**
 * System calls by name, for every architecture that the specification lists. The tables are texts, of numbers and the
 * names from that number on. A text is split when it is asked for, because a filter needs those of one machine only,
 * and splitting all would cost more than compiling the filter. syscalls/generate.sh makes them.
 */
import aarch64 from "./syscalls/tables/aarch64.ts";
import arm from "./syscalls/tables/arm.ts";
import loongarch64 from "./syscalls/tables/loongarch64.ts";
import m68k from "./syscalls/tables/m68k.ts";
import mips from "./syscalls/tables/mips.ts";
import mips64 from "./syscalls/tables/mips64.ts";
import mips64n32 from "./syscalls/tables/mips64n32.ts";
import parisc from "./syscalls/tables/parisc.ts";
import parisc64 from "./syscalls/tables/parisc64.ts";
import ppc from "./syscalls/tables/ppc.ts";
import ppc64 from "./syscalls/tables/ppc64.ts";
import riscv64 from "./syscalls/tables/riscv64.ts";
import s390 from "./syscalls/tables/s390.ts";
import s390x from "./syscalls/tables/s390x.ts";
import sh from "./syscalls/tables/sh.ts";
import x32 from "./syscalls/tables/x32.ts";
import x86 from "./syscalls/tables/x86.ts";
import x86_64 from "./syscalls/tables/x86_64.ts";

const TABLES = {
  aarch64,
  arm,
  loongarch64,
  m68k,
  mips,
  mips64,
  mips64n32,
  parisc,
  parisc64,
  ppc,
  ppc64,
  riscv64,
  s390,
  s390x,
  sh,
  x32,
  x86,
  x86_64,
} as const;

export type SyscallTable = keyof typeof TABLES;
export const SYSCALL_TABLES: readonly SyscallTable[] = Object.keys(TABLES) as SyscallTable[];

/** The private calls of 32-bit ARM (__ARM_NR_*) start here, far above the ordinary ones. */
export const PRIVATE_SYSCALLS = 0xf0000;

/**
 * Visits runs of consecutive system calls with the same value, in the order of their numbers; calls whose name has no
 * value make runs too. The numbers lack the offset that the ABI adds to all of them (x32's bit 30, MIPS's thousands):
 * that stands beside the architecture, in seccomp.ts. Of two names for one number, the later makes a run of its own.
 */
export function visitRuns<Value>(
  table: SyscallTable,
  values: ReadonlyMap<string, Value>,
  visit: (first: number, last: number, value: Value | undefined) => void,
): void {
  let first = 0;
  let next = 0;
  let value: Value | undefined;
  for (const word of TABLES[table].split(" ")) {
    // A word is a number or a name, and no name starts with a digit.
    const isNumber = word.charCodeAt(0) <= 57;
    const itsValue = isNumber ? undefined : values.get(word);
    if (isNumber || itsValue !== value) {
      if (next > first) visit(first, next - 1, value);
      if (isNumber) next = Number(word);
      first = next;
      value = itsValue;
    }
    if (!isNumber) next++;
  }
  visit(first, next - 1, value);
}

const numbers = new Map<SyscallTable, ReadonlyMap<string, number>>();

/** The numbers of a table by name, without the ABI's offset. */
export function syscallNumbers(table: SyscallTable): ReadonlyMap<string, number> {
  const known = numbers.get(table);
  if (known) return known;
  const made = new Map<string, number>();
  let next = 0;
  for (const word of TABLES[table].split(" ")) {
    if (word.charCodeAt(0) <= 57) next = Number(word);
    else made.set(word, next++);
  }
  numbers.set(table, made);
  return made;
}
