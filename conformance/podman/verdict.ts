/** What is checked, and how it is judged. */
import { type Check as CheckOf, problemsOf, type Result } from "../harness/checks.ts";
import type { Podman } from "./caller.ts";

export type Check = CheckOf<Podman>;

export interface Verdict {
  readonly check: string;
  readonly caller: string;
  readonly result: Result;
  /** Why it failed or was skipped. */
  readonly reason: string;
}

/** Runs a check, and again with each of the other runtimes when it fails. */
export async function judge(check: Check, podman: Podman, peers: readonly string[]): Promise<Verdict> {
  const about = { check: check.name, caller: podman.place.name };
  const skipped = check.skip?.(podman) || false;
  if (skipped !== false) return { ...about, result: "skipped", reason: skipped };
  const problem = await attempt(check, podman);
  if (problem === undefined) return { ...about, result: "passed", reason: "" };
  const reasons = [problem];
  for (const peer of peers) reasons.push(`with ${peer}: ${brief(await attempt(check, podman.with(peer)))}`);
  return { ...about, result: "failed", reason: reasons.join("\n") };
}

/** The first thing that is wrong; undefined: nothing. */
async function attempt(check: Check, podman: Podman): Promise<string | undefined> {
  const [problem] = await problemsOf(check, podman, (caller) => caller.clean());
  return problem;
}

function brief(problem: string | undefined): string {
  return problem === undefined ? "passes" : `fails: ${problem.split("\n")[0]}`;
}
