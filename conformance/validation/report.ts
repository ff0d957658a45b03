/** What came out, for people: one table, what is unlike expected, and the two ways of counting. */
import type { Expectation, Verdict } from "./expectations.ts";
import type { Judgement } from "./judge.ts";

export interface Outcome {
  readonly expectation: Expectation;
  /** The run that counts; undefined when the machine lacks what the program needs. */
  readonly judgement: Judgement | undefined;
  readonly tries: number;
  /** What the machine lacks. */
  readonly missing: string;
  /** What was changed for the run: "with net_cls mounted". */
  readonly changes: string;
  /** By name of the peer. */
  readonly peers: ReadonlyMap<string, Judgement>;
}

export function isExpected(verdict: Verdict, { raw, meaning, notOk }: Judgement): boolean {
  if (verdict.kind === "pass") return raw && meaning;
  if (verdict.kind === "meaning") return !raw && meaning;
  const fails = !raw && !meaning && notOk === verdict.notOk;
  return verdict.kind === "fail" ? fails : fails || (raw && meaning);
}

const RIGHT = { pass: "pass", meaning: "pass by meaning" } as const;

function verdictOf(judgement: Judgement | undefined): string {
  if (!judgement) return "skipped";
  const { raw, meaning, ok, notOk } = judgement;
  if (meaning) return raw ? RIGHT.pass : RIGHT.meaning;
  return notOk > 0 ? `${notOk} of ${ok + notOk} not ok` : "fail";
}

function expectedVerdict(verdict: Verdict): string {
  if (verdict.kind === "fail") return `fail with ${verdict.notOk} not ok`;
  return verdict.kind === "either" ? `pass, or fail with ${verdict.notOk} not ok` : RIGHT[verdict.kind];
}

/** A pass that a correct runtime can rely on. */
const isPass = ({ kind }: Verdict) => kind === "pass" || kind === "meaning";

const isRight = (outcome: Outcome) => outcome.judgement !== undefined && !isUnlike(outcome);

/** The machine had what it takes, and the program says something else than expected. */
export function isUnlike({ expectation, judgement }: Outcome): boolean {
  return judgement !== undefined && !isExpected(expectation.verdict, judgement);
}

function reasonOf(outcome: Outcome): string {
  const { expectation, judgement, tries, missing, changes } = outcome;
  if (missing !== "") return missing;
  if (isUnlike(outcome)) {
    const expected = expectedVerdict(expectation.verdict);
    return `UNLIKE EXPECTED (${expected}: ${expectation.reason}). It says: ${judgement?.complaint || "nothing"}`;
  }
  const notes = [changes, ...(tries > 1 ? [`try ${tries}`] : [])].filter((note) => note !== "");
  return notes.length > 0 ? `${notes.join(", ")}: ${expectation.reason}` : expectation.reason;
}

/** Program, verdict, those of the peers, reason. */
export function table(outcomes: readonly Outcome[], peers: readonly string[]): string {
  const rows = outcomes.map((outcome) => [
    outcome.expectation.program,
    verdictOf(outcome.judgement),
    ...peers.map((peer) => verdictOf(outcome.peers.get(peer))),
    reasonOf(outcome),
  ]);
  const all = [["program", "tsoci", ...peers, "reason"], ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((text, column) => (column === row.length - 1 ? text : text.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  return all.map((row) => `${line(row)}\n`).join("");
}

/** "by counting 38 of 58: 33 as they are, 4 with …" */
function count(outcomes: readonly Outcome[], rule: "raw" | "meaning", name: string): string {
  const passed = outcomes.filter(({ judgement }) => judgement?.[rule]);
  const changes = [...new Set(passed.map((outcome) => outcome.changes))].sort();
  const parts = changes.map((change) => {
    return `${passed.filter((outcome) => outcome.changes === change).length} ${change || "as they are"}`;
  });
  return `${name} ${passed.length} of ${outcomes.length} pass: ${parts.join(", ")}`;
}

/** How many pass, by both rules. */
export function counts(outcomes: readonly Outcome[]): string {
  return [count(outcomes, "raw", "by counting ok lines"), count(outcomes, "meaning", "by what the programs mean")].join(
    "\n",
  );
}

/** The closing line. A program that can't pass, and says what it is known to say, is skipped. */
export function closing(outcomes: readonly Outcome[], otherFailures: number): string {
  const unlike = outcomes.filter(isUnlike).length;
  const passed = outcomes.filter((outcome) => isPass(outcome.expectation.verdict) && isRight(outcome)).length;
  return `${passed} passed, ${unlike + otherFailures} failed, ${outcomes.length - passed - unlike} skipped`;
}
