/** Checks of a caller with tsoci as its runtime: how they are declared, run and reported. */

/** The exit status of a suite that the machine lacks something for, which it has named: skipped, not failed (as in Automake). */
export const CANNOT_RUN = 77;

export interface Check<Caller> {
  /** Starts with the case as people type it. */
  readonly name: string;
  /** The reason why it can't be done on this machine; false: it can. */
  readonly skip?: (caller: Caller) => string | false;
  /** Throws when an effect is not as it should be. */
  readonly body: (caller: Caller) => Promise<void>;
}

export type Result = "passed" | "failed" | "skipped";

export interface Verdict {
  readonly name: string;
  readonly result: Result;
  /** Why it failed or was skipped. */
  readonly reason: string;
}

/** Runs a check and, however it went, what cleans up after it. */
export async function judge<Caller>(
  check: Check<Caller>,
  caller: Caller,
  clean: (caller: Caller) => Promise<void>,
): Promise<Verdict> {
  const { name, skip } = check;
  const skipped = skip?.(caller) || false;
  if (skipped !== false) return { name, result: "skipped", reason: skipped };
  const problems = await problemsOf(check, caller, clean);
  return { name, result: problems.length === 0 ? "passed" : "failed", reason: problems.join("\n") };
}

/** What is wrong with a check's effects, and with what is left after it; [] when nothing is. */
export async function problemsOf<Caller>(
  { body }: Check<Caller>,
  caller: Caller,
  clean: (caller: Caller) => Promise<void>,
): Promise<string[]> {
  const problems: string[] = [];
  for (const part of [body, clean]) {
    try {
      await part(caller);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  return problems;
}

const WIDTH = 92;

/** The line of the table; reasons of failures stand below it. */
export function line({ name, result, reason }: Verdict): string {
  const text = `${name.padEnd(WIDTH)} ${result}`;
  if (result === "skipped") return `${text} (${reason})`;
  return result === "failed" ? `${text}\n${reason.replaceAll(/^/gm, "    ")}` : text;
}

/** "3 passed, 0 failed, 1 skipped" */
export function summary(verdicts: readonly Pick<Verdict, "result">[]): string {
  const results: readonly Result[] = ["passed", "failed", "skipped"];
  return results.map((wanted) => `${verdicts.filter(({ result }) => result === wanted).length} ${wanted}`).join(", ");
}
