/** Every operation stands where the table says that it may, and the last one of a section is the last one. */
import { definitions } from "../operations.ts";
import { allSteps, type Check, find, type Step, stepsOf } from "./walk.ts";

/** Nothing comes after these: the process is gone, or has become something else. */
const FINAL = ["exec", "fail"] as const;

export const places: Check = (plan) => allSteps(plan).flatMap((step) => [...misplaced(step), ...unexplained(step)]);

function misplaced({ operation, section, at }: Step): string[] {
  const allowed = definitions[operation.op].places;
  return allowed.includes(section) ? [] : [`${at}: belongs into ${allowed.join(", ")}`];
}

function unexplained({ operation, at }: Step): string[] {
  return operation.from === "" ? [`${at}: nothing says what asked for it`] : [];
}

export const ends: Check = (plan) => {
  const problems = allSteps(plan).flatMap(({ operation, section, index, at }) => {
    const final = FINAL.some((name) => name === operation.op);
    const last = index === (plan.sections[section]?.length ?? 0) - 1;
    return final && !last ? [`${at}: is not the last operation`] : [];
  });
  const stage = stepsOf(plan, "stage");
  const clone = find(stage, "clone");
  if (stage.length > 0 && clone !== stage.length - 1) problems.push("stage: does not end with the clone of init");
  return problems;
};

/** writev(2) in src/executor/text.c takes so many pieces of a text. */
const PIECES_LIMIT = 256;

export const lengths: Check = (plan) =>
  allSteps(plan).flatMap(({ operation, at }) =>
    Object.entries(operation).flatMap(([name, value]) =>
      definitions[operation.op].args[name]?.wire === "text" && Array.isArray(value) && value.length > PIECES_LIMIT
        ? [`${at}: ${name} has ${value.length} pieces, more than ${PIECES_LIMIT}`]
        : [],
    ),
  );
