/**
 * linux.seccomp → a BPF program for seccomp(2):
 *
 *     load the architecture
 *     native?   → load the number, search tree → conditions on arguments → verdict
 *     32-bit?   → load the number, search tree → conditions on arguments → verdict
 *     any other → SCMP_ACT_KILL_THREAD
 *
 * A 64-bit kernel also takes system calls of 32-bit ABIs, which have other numbers: those are let in only where
 * `architectures` lists them. The machine's own architecture need not be listed.
 *
 * The verdicts are those of runc with libseccomp, which the differential test compares, but for this:
 * - A rule for any of several conditions gets all of them: libseccomp 2.5 forgets some that overlap in one argument.
 * - Calls newer than the profile get ENOSYS (ranges.ts), as runc adds it; in x86_64 the number -1 too.
 * - An architecture of another byte order is ignored, with a warning, where libseccomp refuses the profile.
 */
import { TsociError } from "../../base/errors.ts";
import { ACTIONS, ARCHITECTURES, type Architecture, MACHINES, type Machine, X32_BASE } from "../../kernel/seccomp.ts";
import type { Seccomp } from "../../spec/generated/config.ts";
import { Assembler, type Label } from "./assembler.ts";
import { ARCH_OFFSET } from "./bpf.ts";
import type { Exact } from "./condition.ts";
import { emitSection } from "./emit.ts";
import { sortByName } from "./names.ts";
import { type Profile, readProfile, SECCOMP } from "./profile.ts";
import { appendRanges, type Range } from "./ranges.ts";
import { type SeccompWarning, seccompWarnings } from "./warnings.ts";

export interface CompiledSeccomp {
  /** An array of struct sock_filter: 8 bytes an instruction, in the byte order of the machine. */
  readonly filter: Uint8Array;
  /** What the profile asks for and the filter leaves out; a function, because only some commands want to know. */
  readonly warnings: () => readonly SeccompWarning[];
}

export interface SeccompHost {
  /** The machine's name (src/kernel/seccomp.ts). */
  readonly arch: string;
}

/** What the filter returns for an architecture that isn't listed: libseccomp's default, which runc and crun leave. */
export const BAD_ARCHITECTURE = ACTIONS.SCMP_ACT_KILL_THREAD.value;

export interface SeccompOptions {
  /** The values of arguments beyond 2^53, by their pointer into config.json. */
  readonly exact?: Exact;
}

/** Compiles a profile that passed the schema. */
export function compileSeccomp(seccomp: Seccomp, host: SeccompHost, options: SeccompOptions = {}): CompiledSeccomp {
  const profile = readProfile(seccomp, options.exact ?? (() => undefined));
  const architectures = usedArchitectures(seccomp, machine(host));
  return {
    filter: assemble(buildSections(profile, architectures), architectures[0].littleEndian, profile.word),
    warnings: () => seccompWarnings(seccomp, architectures),
  };
}

function machine({ arch }: SeccompHost): Machine {
  if (Object.hasOwn(MACHINES, arch)) return arch as Machine;
  throw new TsociError("host", `no seccomp filters for the architecture ${arch}`, { pointer: SECCOMP });
}

/**
 * The native architecture, and those listed that this machine's kernel can report. Others are left out: no system call
 * of theirs can reach the filter (an emulated program makes the native calls of its emulator).
 */
function usedArchitectures({ architectures = [] }: Seccomp, name: Machine): [Architecture, ...Architecture[]] {
  const [native, ...others] = MACHINES[name];
  const listed = new Set<string>(architectures);
  return [ARCHITECTURES[native], ...others.filter((other) => listed.has(other)).map((other) => ARCHITECTURES[other])];
}

/** The ranges of every AUDIT_ARCH. x86_64 and x32 share one: x32's numbers come after all of x86_64's. */
function buildSections(profile: Profile, architectures: readonly Architecture[]): Map<number, Range[]> {
  const sections = new Map<number, Range[]>();
  const rules = sortByName(profile.rules);
  const fallback = { action: profile.defaultAction, word: profile.word };
  for (const architecture of architectures) {
    const { audit, base, bits } = architecture;
    const lower = sections.get(audit)?.filter(({ start }) => start < base);
    const ranges: Range[] = lower ?? (base > 0 ? [{ start: 0, verdict: profile.word, bits }] : []);
    appendRanges(ranges, architecture, rules, fallback);
    if (architecture === ARCHITECTURES.SCMP_ARCH_X86_64) refuseX32(ranges, bits);
    sections.set(audit, ranges);
  }
  return sections;
}

/** Until x32 is listed its numbers are a bad architecture's. All bits set isn't one of them: it is no number at all. */
function refuseX32(ranges: Range[], bits: 32 | 64): void {
  const above = ranges.at(-1)?.verdict ?? BAD_ARCHITECTURE;
  ranges.push({ start: X32_BASE, verdict: BAD_ARCHITECTURE, bits }, { start: 0xffff_ffff, verdict: above, bits });
}

/** The native architecture is tested first, and its section comes first, within the reach of a jump. */
function assemble(sections: ReadonlyMap<number, readonly Range[]>, littleEndian: boolean, word: number): Uint8Array {
  const assembler = new Assembler(SECCOMP);
  const labels: [number, Label][] = [];
  for (const [audit, ranges] of [...sections].reverse()) {
    labels.push([audit, emitSection(assembler, ranges, littleEndian, word)]);
  }
  let next = assembler.return(BAD_ARCHITECTURE);
  for (const [audit, label] of labels) next = assembler.jump("eq", audit, label, next);
  assembler.load(ARCH_OFFSET, next);
  return assembler.program(littleEndian);
}
