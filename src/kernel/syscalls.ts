/**
 * System calls by name, for every architecture that the specification lists. The tables are texts: a line is a number and
 * the names from that number on. A table is split when it is first asked for, because a filter needs those of one
 * machine only, and splitting all would cost more than compiling the filter. syscalls/generate.sh makes them.
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

const parsed = new Map<SyscallTable, ReadonlyMap<string, number>>();

/**
 * The numbers of a table by name, without the offset that the ABI adds to all of them (x32's bit 30, MIPS's
 * thousands): that stands beside the architecture, in seccomp.ts.
 */
export function syscallNumbers(table: SyscallTable): ReadonlyMap<string, number> {
  let numbers = parsed.get(table);
  if (!numbers) {
    numbers = parse(TABLES[table]);
    parsed.set(table, numbers);
  }
  return numbers;
}

/** Two names may share a number; a name has one number. */
function parse(text: string): Map<string, number> {
  const numbers = new Map<string, number>();
  let next = 0;
  for (const word of text.split(/\s/)) {
    const digit = word.charCodeAt(0);
    // A word that starts with a digit is a number; the text starts and ends with an empty word.
    if (digit >= 48 && digit <= 57) next = Number(word);
    else if (word !== "") numbers.set(word, next++);
  }
  return numbers;
}
