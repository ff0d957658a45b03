/** seccomp(2): the specification's names (those of libseccomp's seccomp.h) and the kernel's numbers. */
import { AUDIT_ARCH, type AuditArch } from "./audit.ts";
import type { SyscallTable } from "./syscalls.ts";

/** What a filter returns for a system call (SECCOMP_RET_*); `data`: the low 16 bits carry the profile's errno. */
export const ACTIONS = {
  SCMP_ACT_KILL: { value: 0x00000000, data: false },
  SCMP_ACT_KILL_PROCESS: { value: 0x80000000, data: false },
  SCMP_ACT_KILL_THREAD: { value: 0x00000000, data: false },
  SCMP_ACT_TRAP: { value: 0x00030000, data: false },
  SCMP_ACT_ERRNO: { value: 0x00050000, data: true },
  SCMP_ACT_TRACE: { value: 0x7ff00000, data: true },
  SCMP_ACT_ALLOW: { value: 0x7fff0000, data: false },
  SCMP_ACT_LOG: { value: 0x7ffc0000, data: false },
  SCMP_ACT_NOTIFY: { value: 0x7fc00000, data: false },
} as const satisfies Record<string, { value: number; data: boolean }>;

/**
 * How an argument is compared: `test` is one of the three that BPF has, `negated` swaps its outcomes. `rank` orders the
 * conditions of one system call as libseccomp does: equality before "less" before "greater".
 */
export const OPERATORS = {
  SCMP_CMP_NE: { test: "eq", negated: true, masked: false, rank: 3 },
  SCMP_CMP_LT: { test: "ge", negated: true, masked: false, rank: 2 },
  SCMP_CMP_LE: { test: "gt", negated: true, masked: false, rank: 2 },
  SCMP_CMP_EQ: { test: "eq", negated: false, masked: false, rank: 3 },
  SCMP_CMP_GE: { test: "ge", negated: false, masked: false, rank: 1 },
  SCMP_CMP_GT: { test: "gt", negated: false, masked: false, rank: 1 },
  SCMP_CMP_MASKED_EQ: { test: "eq", negated: false, masked: true, rank: 3 },
} as const satisfies Record<string, { test: "eq" | "gt" | "ge"; negated: boolean; masked: boolean; rank: number }>;

/** Flags of SECCOMP_SET_MODE_FILTER; `listener`: the kernel refuses it where the filter has no listener. */
export const SECCOMP_FLAGS = {
  SECCOMP_FILTER_FLAG_TSYNC: { value: 0x01, listener: false, since: "3.17" },
  SECCOMP_FILTER_FLAG_LOG: { value: 0x02, listener: false, since: "4.14" },
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: { value: 0x04, listener: false, since: "4.17" },
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: { value: 0x20, listener: true, since: "5.19" },
} as const satisfies Record<string, { value: number; listener: boolean; since: string }>;

/** The errno ENOSYS, by table where it isn't 38. */
const NO_SUCH_SYSCALL: Partial<Record<SyscallTable, number>> = {
  mips: 89,
  mips64: 89,
  mips64n32: 89,
  parisc: 251,
  parisc64: 251,
};

/** The errno ENOSYS of an architecture. */
export function enosys(table: SyscallTable): number {
  return NO_SUCH_SYSCALL[table] ?? 38;
}

/** BPF_MAXINSNS: the kernel refuses longer filters. */
export const MAX_INSTRUCTIONS = 4096;

/**
 * An ABI. `bits`: the width of an argument; `base`: what the ABI adds to every number of its table. x32 shares x86_64's
 * token: bit 30 of the number tells them apart. `unknown`: the number that a filter sees for a call that the kernel
 * doesn't know, where that isn't the call's own.
 */
export interface Architecture {
  readonly audit: number;
  readonly table: SyscallTable;
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
  readonly base: number;
  readonly unknown?: number;
}

function little(bits: 32 | 64, audit: AuditArch, table: SyscallTable, base = 0): Architecture {
  return { audit: AUDIT_ARCH[audit], table, bits, littleEndian: true, base };
}

function big(bits: 32 | 64, audit: AuditArch, table: SyscallTable, base = 0): Architecture {
  return { audit: AUDIT_ARCH[audit], table, bits, littleEndian: false, base };
}

/** The first number of x32 (__X32_SYSCALL_BIT). */
export const X32_BASE = 0x40000000;

export const ARCHITECTURES = {
  SCMP_ARCH_X86: little(32, "AUDIT_ARCH_I386", "x86"),
  SCMP_ARCH_X86_64: little(64, "AUDIT_ARCH_X86_64", "x86_64"),
  SCMP_ARCH_X32: little(32, "AUDIT_ARCH_X86_64", "x32", X32_BASE),
  SCMP_ARCH_ARM: little(32, "AUDIT_ARCH_ARM", "arm"),
  SCMP_ARCH_AARCH64: little(64, "AUDIT_ARCH_AARCH64", "aarch64"),
  SCMP_ARCH_LOONGARCH64: little(64, "AUDIT_ARCH_LOONGARCH64", "loongarch64"),
  SCMP_ARCH_M68K: big(32, "AUDIT_ARCH_M68K", "m68k"),
  SCMP_ARCH_MIPS: big(32, "AUDIT_ARCH_MIPS", "mips", 4000),
  SCMP_ARCH_MIPS64: big(64, "AUDIT_ARCH_MIPS64", "mips64", 5000),
  SCMP_ARCH_MIPS64N32: big(32, "AUDIT_ARCH_MIPS64N32", "mips64n32", 6000),
  SCMP_ARCH_MIPSEL: little(32, "AUDIT_ARCH_MIPSEL", "mips", 4000),
  SCMP_ARCH_MIPSEL64: little(64, "AUDIT_ARCH_MIPSEL64", "mips64", 5000),
  SCMP_ARCH_MIPSEL64N32: little(32, "AUDIT_ARCH_MIPSEL64N32", "mips64n32", 6000),
  SCMP_ARCH_PARISC: big(32, "AUDIT_ARCH_PARISC", "parisc"),
  SCMP_ARCH_PARISC64: big(64, "AUDIT_ARCH_PARISC64", "parisc64"),
  SCMP_ARCH_PPC: big(32, "AUDIT_ARCH_PPC", "ppc"),
  SCMP_ARCH_PPC64: big(64, "AUDIT_ARCH_PPC64", "ppc64"),
  SCMP_ARCH_PPC64LE: little(64, "AUDIT_ARCH_PPC64LE", "ppc64"),
  SCMP_ARCH_RISCV64: little(64, "AUDIT_ARCH_RISCV64", "riscv64"),
  SCMP_ARCH_S390: { ...big(32, "AUDIT_ARCH_S390", "s390"), unknown: 0 },
  SCMP_ARCH_S390X: { ...big(64, "AUDIT_ARCH_S390X", "s390x"), unknown: 0 },
  SCMP_ARCH_SH: little(32, "AUDIT_ARCH_SHEL", "sh"),
  SCMP_ARCH_SHEB: big(32, "AUDIT_ARCH_SH", "sh"),
} as const satisfies Record<string, Architecture>;

export type SeccompArchitectureName = keyof typeof ARCHITECTURES;

/**
 * The architectures whose system calls a kernel takes, by the name of the machine (Node's `process.arch`, with the
 * byte order where that leaves it open). The first is the kernel's own.
 */
export const MACHINES = {
  arm: ["SCMP_ARCH_ARM"],
  arm64: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
  hppa: ["SCMP_ARCH_PARISC"],
  hppa64: ["SCMP_ARCH_PARISC64", "SCMP_ARCH_PARISC"],
  ia32: ["SCMP_ARCH_X86"],
  loong64: ["SCMP_ARCH_LOONGARCH64"],
  m68k: ["SCMP_ARCH_M68K"],
  mips: ["SCMP_ARCH_MIPS"],
  mips64: ["SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64N32"],
  mips64el: ["SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64N32"],
  mipsel: ["SCMP_ARCH_MIPSEL"],
  ppc: ["SCMP_ARCH_PPC"],
  ppc64: ["SCMP_ARCH_PPC64", "SCMP_ARCH_PPC"],
  ppc64le: ["SCMP_ARCH_PPC64LE"],
  riscv64: ["SCMP_ARCH_RISCV64"],
  s390: ["SCMP_ARCH_S390"],
  s390x: ["SCMP_ARCH_S390X", "SCMP_ARCH_S390"],
  sh: ["SCMP_ARCH_SH"],
  sheb: ["SCMP_ARCH_SHEB"],
  x64: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
} as const satisfies Record<string, readonly [SeccompArchitectureName, ...SeccompArchitectureName[]]>;

export type Machine = keyof typeof MACHINES;
