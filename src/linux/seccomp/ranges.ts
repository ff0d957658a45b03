/** The numbers of an architecture's system calls as ranges with one verdict each, the leaves of the search tree. */
import { ACTIONS, type Architecture, enosys } from "../../kernel/seccomp.ts";
import { PRIVATE_SYSCALLS, visitRuns } from "../../kernel/syscalls.ts";
import type { SeccompAction } from "../../spec/generated/config.ts";
import { joinLists, type RuleList, type RulesByName, type Verdict, verdictOf } from "./names.ts";

/** From this number up to the next range's. */
export interface Range {
  readonly start: number;
  readonly verdict: Verdict;
  /** The width of the arguments that the clauses of the verdict compare. */
  readonly bits: 32 | 64;
}

export interface Default {
  readonly action: SeccompAction;
  readonly word: number;
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

/** Appends the ranges of one architecture, whose numbers all are above those in the list. */
export function appendRanges(ranges: Range[], architecture: Architecture, rules: RulesByName, fallback: Default): void {
  const list = new RangeList(ranges, architecture, fallback);
  visitRuns(architecture.table, rules, (first, last, value) => list.add(first, last, value));
  list.end();
}

/** Takes the system calls of one architecture in the order of their numbers. */
class RangeList {
  private readonly ranges: Range[];
  private readonly architecture: Architecture;
  /** The default action. */
  private readonly word: number;
  /** What a call newer than the profile gets. */
  private readonly newer: number;
  /** The highest number that the profile names so far; private calls don't count. */
  private newest = -1;
  private next = 0;
  private rules: RuleList | undefined;
  private reachedPrivate = false;

  constructor(ranges: Range[], architecture: Architecture, { action, word }: Default) {
    this.ranges = ranges;
    this.architecture = architecture;
    this.word = word;
    this.newer = ADMITS_NEWER.has(action) ? word : ACTIONS.SCMP_ACT_ERRNO.value | enosys(architecture.table);
    // s390 shows a call that the kernel doesn't know as number 0, which is no other call's.
    if (architecture.unknown === 0) this.append(this.next++, this.newer);
  }

  /** The calls from `first` to `last` have these rules. */
  add(first: number, last: number, rules: RuleList | undefined): void {
    if (last >= PRIVATE_SYSCALLS) this.enterPrivate();
    else if (rules) this.newest = last;
    // A second name for the number before: 32-bit ARM has one.
    const again = first < this.next;
    if (again && !rules) return;
    if (first > this.next) this.append(this.next, this.word);
    this.rules = again && this.rules && rules ? joinLists(this.rules, rules) : rules;
    this.append(first, (this.rules && verdictOf(this.rules, this.architecture.bits)) ?? this.word);
    this.next = last + 1;
  }

  end(): void {
    if (this.reachedPrivate) this.append(this.next, this.word);
    else this.endOrdinary();
  }

  /** ARM's private calls are not numbered by age, so none is newer than the profile. */
  private enterPrivate(): void {
    if (this.reachedPrivate) return;
    this.endOrdinary();
    this.append(PRIVATE_SYSCALLS, this.word);
    this.next = PRIVATE_SYSCALLS;
    this.reachedPrivate = true;
  }

  private endOrdinary(): void {
    const after = this.newest + 1;
    while ((this.ranges.at(-1)?.start ?? -1) >= this.architecture.base + after) this.ranges.pop();
    // A profile that names no call of this architecture isn't older than any.
    this.append(after, after > 0 ? this.newer : this.word);
  }

  private append(number: number, verdict: Verdict): void {
    const start = this.architecture.base + number;
    if (this.ranges.at(-1)?.start === start) this.ranges.pop();
    if (this.ranges.at(-1)?.verdict !== verdict) this.ranges.push({ start, verdict, bits: this.architecture.bits });
  }
}
