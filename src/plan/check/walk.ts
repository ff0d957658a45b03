/** What the checks have in common: operations with the place where they stand. */
import type { Operation, OperationName, Section } from "../operations.ts";
import type { Plan } from "../plan.ts";

export interface Step {
  readonly section: Section;
  readonly operation: Operation;
  readonly index: number;
  /** "init[4] mount": how a problem names the operation. */
  readonly at: string;
}

/** One property of plans. Returns a sentence for each place where it does not hold. */
export type Check = (plan: Plan) => string[];

export function stepsOf({ sections }: Plan, section: Section): Step[] {
  return (sections[section] ?? []).map((operation, index) => {
    return { section, operation, index, at: `${section}[${index}] ${operation.op}` };
  });
}

export function allSteps(plan: Plan): Step[] {
  return (Object.keys(plan.sections) as Section[]).flatMap((section) => stepsOf(plan, section));
}

export function isOneOf(names: readonly OperationName[], { operation }: Step): boolean {
  return names.includes(operation.op);
}

/** The first operation of one of these kinds; -1 for none. */
export function find(steps: readonly Step[], ...names: readonly OperationName[]): number {
  return steps.findIndex((step) => isOneOf(names, step));
}
