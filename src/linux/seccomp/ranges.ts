/** The numbers of an architecture's system calls as ranges with one verdict each, the leaves of the search tree. */
import { ACTIONS, type Architecture, enosys } from "../../kernel/seccomp.ts";
import { PRIVATE_SYSCALLS } from "../../kernel/syscalls.ts";
import type { SeccompAction } from "../../spec/generated/config.ts";
import type { Verdict, Verdicts } from "./verdicts.ts";

/** From this number up to the next range's. */
export interface Range {
  readonly start: number;
  readonly verdict: Verdict;
  /** Of the clauses, where the verdict has some. */
  readonly bits: 32 | 64;
}

/**
 * A system call that is newer than the profile gets ENOSYS, so that programs fall back to an older one instead of
 * failing on a "forbidden": newer is every number above the highest one that the profile names for this architecture
 * (by any rule, whatever its action). This is runc's rule. It holds where the default action denies; ALLOW and LOG let
 * newer calls through, and a tracer wants to see them.
 */
const ADMITS_NEWER: ReadonlySet<SeccompAction> = new Set<SeccompAction>([
  "SCMP_ACT_ALLOW",
  "SCMP_ACT_LOG",
  "SCMP_ACT_TRACE",
]);

export interface Default {
  readonly action: SeccompAction;
  readonly word: number;
}

/** Appends the ranges of one architecture to those below its base. */
export function appendRanges(ranges: Range[], architecture: Architecture, verdicts: Verdicts, fallback: Default): void {
  const { base, bits, unknown } = architecture;
  const append = (start: number, verdict: Verdict) => {
    if (ranges.at(-1)?.start === start) ranges.pop();
    // Lists of clauses are never shared between architectures; words are.
    if (ranges.at(-1)?.verdict !== verdict) ranges.push({ start, verdict, bits });
  };
  const newer = newerWord(architecture, verdicts, fallback);
  for (let number = 0; number <= verdicts.newest; number++) {
    // s390 shows a call that the kernel doesn't know as number 0, which is no other call's: newer than any profile.
    const verdict = number === unknown ? newer : verdicts.calls[number];
    append(base + number, verdict ?? fallback.word);
  }
  append(base + verdicts.newest + 1, newer);
  if (architecture.table === "arm") appendPrivate(append, verdicts, fallback.word);
}

/** ARM's private calls are not numbered by age: those without a rule get the default action. */
function appendPrivate(append: (start: number, verdict: Verdict) => void, verdicts: Verdicts, word: number): void {
  append(PRIVATE_SYSCALLS, word);
  for (const [number, verdict] of [...verdicts.private].sort(([a], [b]) => a - b)) {
    append(number, verdict);
    append(number + 1, word);
  }
}

function newerWord({ table }: Architecture, { newest }: Verdicts, { action, word }: Default): number {
  return newest < 0 || ADMITS_NEWER.has(action) ? word : ACTIONS.SCMP_ACT_ERRNO.value | enosys(table);
}
