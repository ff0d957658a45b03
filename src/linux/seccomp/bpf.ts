/** Classic BPF as seccomp(2) takes it: the operation codes (<linux/bpf_common.h>) and struct seccomp_data. */

export const LOAD = 0x20; // A = 32 bits of seccomp_data at k
export const AND = 0x54; // A &= k
export const RETURN = 0x06; // the verdict is k
export const JUMP = 0x05; // skip k instructions

/** Conditional jumps: compare A with k. */
export const JUMPS = {
  eq: 0x15,
  gt: 0x25,
  ge: 0x35,
  /** Any bit of k is set in A. */
  set: 0x45,
} as const;

export type Comparison = keyof typeof JUMPS;

export const INSTRUCTION_SIZE = 8;

/** Offsets in struct seccomp_data: the number, the architecture, and six arguments of 64 bits. */
export const NUMBER_OFFSET = 0;
export const ARCH_OFFSET = 4;

/** Where the halves of an argument are. */
export function argumentOffsets(argument: number, littleEndian: boolean): { high: number; low: number } {
  const start = 16 + 8 * argument;
  return littleEndian ? { high: start + 4, low: start } : { high: start, low: start + 4 };
}
