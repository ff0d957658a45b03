/**
 * Write-ahead: what takes a container back is recorded before its first effect, and can be replayed at any time, any
 * number of times.
 */
import type { Operation, OperationName } from "../operations.ts";
import type { Plan } from "../plan.ts";
import { readUndo } from "../undo-file.ts";
import { encode } from "../wire.ts";
import { type Check, find, isOneOf, type Step, stepsOf } from "./walk.ts";

/** What stays when the runtime and all that it cloned are gone. */
const LASTING: readonly OperationName[] = ["cgroup", "device_filter", "chown", "listen", "store"];

/** So does a unit; what other programs do is about processes and limits. */
function lasts(step: Step): boolean {
  return isOneOf(LASTING, step) || (step.operation.op === "spawn" && step.operation.flags.includes("unit"));
}

/** Before the id is taken nothing happens but this: the directory of all containers is made, and stays. */
const BEFORE_CLAIM: readonly OperationName[] = ["warn", "mkdir"];

export const undoIsRecordedFirst: Check = (plan) => {
  const host = stepsOf(plan, "host");
  const claim = find(host, "claim");
  if (claim < 0) {
    return host.filter(lasts).map(({ at }) => `${at}: lasts, and no undo is recorded`);
  }
  const problems = host
    .slice(0, claim)
    .filter((step) => !isOneOf(BEFORE_CLAIM, step))
    .map(({ at }) => `${at}: comes before claim`);
  const [trap, record] = host.slice(claim + 1);
  if (!arms(trap)) problems.push("host: claim is not followed by on_failure with undo");
  if (!records(record, plan.sections.undo ?? [])) {
    problems.push("host: on_failure is not followed by the record of undo");
  }
  return [...problems, ...removesLast(plan, host[claim])];
};

function arms(step: Step | undefined): boolean {
  return step?.operation.op === "on_failure" && step.operation.sections.includes("undo");
}

/** Another build must be able to read it again. */
function records(step: Step | undefined, undo: readonly Operation[]): boolean {
  if (step?.operation.op !== "write" || !step.operation.flags.includes("replace")) return false;
  if (typeof step.operation.data !== "string") return false;
  const { operations, unknown } = readUndo(step.operation.data);
  return unknown.length === 0 && Buffer.compare(encoded(operations), encoded(undo)) === 0;
}

function encoded(undo: readonly Operation[]): Uint8Array {
  return encode({ failure: "", failureStatus: 1, sections: { undo } });
}

function holds(step: Step | undefined, plan: Plan): boolean {
  return step?.operation.op === "store" && Buffer.compare(step.operation.data, encode(plan)) === 0;
}

/** While its directory is there, `delete --force` can be called again. */
function removesLast({ sections }: Plan, claim: Step | undefined): string[] {
  const last = sections.undo?.at(-1);
  const path = claim?.operation.op === "claim" ? claim.operation.path : undefined;
  return last?.op === "remove" && last.path === path && last.flags.includes("recursive")
    ? []
    : ["undo: does not end with the removal of what claim made"];
}

/** Processes that were cloned are killed when anything fails after. */
export const clonesAreKilled: Check = (plan) => {
  const host = stepsOf(plan, "host");
  const clone = find(host, "clone");
  if (clone < 0) return [];
  const trap = host.findIndex(arms);
  const problems: string[] = [];
  if (trap < 0 || trap > clone + 1) problems.push(`${host[clone]?.at}: nothing undoes it`);
  if (!plan.sections.undo?.some(({ op }) => op === "kill")) problems.push("undo: does not kill init");
  return problems;
};

/** Every operation of undo may run twice, and on what is half made. */
export const undoIsIdempotent: Check = (plan) =>
  stepsOf(plan, "undo").flatMap(({ operation, at }) => {
    if (operation.op === "kill" && !operation.flags.includes("missing_ok")) return [`${at}: fails the second time`];
    if (operation.op === "spawn" && !operation.flags.includes("optional")) return [`${at}: may fail the second time`];
    return [];
  });

export const sectionsExist: Check = (plan) =>
  (["host", "start", "delete"] as const)
    .flatMap((section) => stepsOf(plan, section))
    .flatMap(({ operation, at }) => {
      const named =
        operation.op === "on_failure" ? operation.sections : operation.op === "replay" ? [operation.section] : [];
      return named.filter((name) => plan.sections[name] === undefined).map((name) => `${at}: there is no ${name}`);
    });

const COMMANDS = ["start", "state", "kill", "kill_all", "pause", "resume", "delete"] as const;
const LATER = [...COMMANDS, "undo", "poststop"] as const;

/** What is shown as the later commands is what is stored, before init may outlive the runtime. */
export const laterIsStored: Check = (plan) => {
  const { later } = plan;
  const host = stepsOf(plan, "host");
  const stray = COMMANDS.filter((section) => plan.sections[section] !== undefined);
  if (find(host, "claim") < 0) return [];
  if (!later) return ["host: claims a container and stores no commands for it"];
  const problems = stray.map((section) => `${section}: belongs into the later plan`);
  for (const section of LATER) if (!later.sections[section]) problems.push(`later: has no ${section}`);
  const stored = host.findIndex((step) => holds(step, later));
  const committed = host.findIndex(({ operation }) => operation.op === "wake" && operation.step === "committed");
  if (stored < 0) problems.push("host: does not store the later commands");
  if (committed < stored) problems.push("host: init is committed before the later commands are stored");
  return problems;
};
