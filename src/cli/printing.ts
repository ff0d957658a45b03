import type { Plan } from "../plan/plan.ts";

/** The plan of a command that only prints. `from` is what asked for it. */
export function printing(text: string, from: string): Plan {
  return { failure: "", failureStatus: 1, sections: { host: [{ op: "print", from, descriptor: 1, text }] } };
}
