/** Writes the instructions of a filter: the search tree over the numbers, and the clauses in its leaves. */
import type { Assembler, Label } from "./assembler.ts";
import { argumentOffsets, type Comparison, NUMBER_OFFSET } from "./bpf.ts";
import type { Condition } from "./condition.ts";
import { conditionsOf } from "./names.ts";
import { orderClauses } from "./order.ts";
import type { Clause } from "./profile.ts";
import type { Range } from "./ranges.ts";

/** Where to go on; who comes with the word at `offset` in A already may skip the loading, and go to `loaded`. */
interface Target {
  readonly label: Label;
  readonly offset?: number;
  readonly loaded?: Label;
}

/** Writes the part of the filter for one AUDIT_ARCH: it loads the number, and every comparison halves the ranges. */
export function emitSection(
  assembler: Assembler,
  ranges: readonly Range[],
  littleEndian: boolean,
  word: number,
): Label {
  const lists = new Map<readonly Clause[], Label>();
  const leaf = ({ verdict, bits }: Range): Label => {
    if (typeof verdict === "number") return assembler.return(verdict);
    const known = lists.get(verdict);
    if (known !== undefined) return known;
    const label = emitClauses(assembler, verdict, { bits, littleEndian, word });
    lists.set(verdict, label);
    return label;
  };
  const tree = (from: number, to: number): Label => {
    const middle = (from + to) >>> 1;
    const range = ranges[middle];
    if (!range) return assembler.return(word);
    if (to - from === 1) return leaf(range);
    const above = tree(middle, to);
    return assembler.jump("ge", range.start, above, tree(from, middle));
  };
  return assembler.load(NUMBER_OFFSET, tree(0, ranges.length));
}

interface Context {
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
  /** The default action. */
  readonly word: number;
}

function emitClauses(assembler: Assembler, clauses: readonly Clause[], context: Context): Label {
  let next: Target = { label: assembler.return(context.word) };
  for (const clause of orderClauses(clauses, context.bits).toReversed()) {
    const otherwise = next;
    next = { label: assembler.return(clause.word) };
    for (const condition of conditionsOf(clause, context.bits).toReversed()) {
      next = emitCondition(assembler, condition, context, next, otherwise);
    }
  }
  return next.label;
}

function emitCondition(
  assembler: Assembler,
  condition: Condition,
  { bits, littleEndian }: Context,
  holds: Target,
  fails: Target,
): Target {
  const { test, value, mask } = condition;
  const offsets = argumentOffsets(condition.argument, littleEndian);
  const [yes, no] = condition.negated ? [fails, holds] : [holds, fails];
  const low = emitWord(assembler, { offset: offsets.low, test, value: value.low, mask: mask.low }, yes, no);
  if (bits === 32) return low;
  const high = { offset: offsets.high, value: value.high, mask: mask.high };
  if (test === "eq") return emitWord(assembler, { ...high, test }, low, no);
  // 64 bits are greater when the high half is, or when it is equal and the low half decides.
  const equal = assembler.jump("eq", value.high, enter(low, high.offset), enter(no, high.offset));
  return emitWord(assembler, { ...high, test: "gt" }, yes, { label: equal, offset: high.offset, loaded: equal });
}

interface WordTest {
  readonly offset: number;
  readonly test: Comparison;
  readonly value: number;
  readonly mask: number;
}

/** Tests 32 bits of an argument. Comparisons with a mask are for equality. */
function emitWord(assembler: Assembler, { offset, test, value, mask }: WordTest, yes: Target, no: Target): Target {
  if (mask === 0) return yes;
  if (mask !== 0xffff_ffff && value !== 0) {
    // The mask spoils A for whoever comes next.
    const masked = assembler.and(mask, assembler.jump(test, value, yes.label, no.label));
    return { label: assembler.load(offset, masked), offset, loaded: masked };
  }
  const [yesLabel, noLabel] = [enter(yes, offset), enter(no, offset)];
  const loaded =
    mask === 0xffff_ffff
      ? assembler.jump(test, value, yesLabel, noLabel)
      : assembler.jump("set", mask, noLabel, yesLabel);
  return { label: assembler.load(offset, loaded), offset, loaded };
}

/** The label of a target for who comes with the word at `offset` in A. */
function enter(target: Target, offset: number): Label {
  return target.offset === offset && target.loaded !== undefined ? target.loaded : target.label;
}
