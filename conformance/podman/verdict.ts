/** What is checked, and how it is judged. */
import type { Podman } from "./caller.ts";

export interface Check {
  /** "exec -it: …": starts with the case as people type it. */
  readonly name: string;
  /** The reason why this caller can't do it on this machine; false: it can. */
  readonly skip?: (podman: Podman) => string | false;
  /** Throws when an effect is not as it should be. */
  readonly body: (podman: Podman) => Promise<void>;
}

export interface Verdict {
  readonly check: string;
  readonly caller: string;
  readonly result: "passed" | "failed" | "skipped";
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
  const problems: string[] = [];
  for (const part of [() => check.body(podman), () => podman.clean()]) {
    try {
      await part();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  return problems[0];
}

function brief(problem: string | undefined): string {
  return problem === undefined ? "passes" : `fails: ${problem.split("\n")[0]}`;
}
