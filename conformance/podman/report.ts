/** What is printed: one line for each check with the reasons of failures. */
import type { Verdict } from "./verdict.ts";

const WIDTH = 72;

/** The line of a check that several callers were tried with. */
function line(verdicts: readonly Verdict[]): string {
  const results = verdicts.map(({ caller, result }) => `${caller} ${result}`.padEnd(16));
  const reasons = new Set(verdicts.filter(({ result }) => result === "skipped").map(({ reason }) => `(${reason})`));
  return `${(verdicts[0]?.check ?? "").padEnd(WIDTH)}  ${[...results, ...reasons].join("  ")}`.trimEnd();
}

/** The line of a check, and the reasons of its failures below. */
export function report(verdicts: readonly Verdict[]): string {
  const failed = verdicts.filter(({ result }) => result === "failed");
  return [line(verdicts), ...failed.map(({ caller, reason }) => indented(`${caller}: ${reason}`))].join("\n");
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}
