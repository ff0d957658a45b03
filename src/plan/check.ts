/**
 * Proves properties of a finished plan that no type can express. It is for tests (every golden plan, and a matrix of
 * configurations), not for the hot path: a plan that does not pass is a bug of a planner.
 */
import { meetings } from "./check/meetings.ts";
import { ends, lengths, places } from "./check/places.ts";
import { hostIsLeft, initIsInOrder, privilegesAreDropped } from "./check/privileges.ts";
import { descriptorsAreClosed, slotsAreFilled } from "./check/slots.ts";
import { clonesAreKilled, laterIsStored, sectionsExist, undoIsIdempotent, undoIsRecordedFirst } from "./check/undo.ts";
import type { Check } from "./check/walk.ts";
import type { Plan } from "./plan.ts";

/** For every plan, that of later commands included. */
const OF_ALL: readonly Check[] = [places, ends, lengths, slotsAreFilled, sectionsExist, undoIsIdempotent];

/** For plans that make processes. */
const OF_PROCESSES: readonly Check[] = [
  meetings,
  descriptorsAreClosed,
  privilegesAreDropped,
  hostIsLeft,
  initIsInOrder,
  undoIsRecordedFirst,
  clonesAreKilled,
  laterIsStored,
];

/** What is wrong with a plan, one sentence each; [] for a sound one. */
export function checkPlan(plan: Plan): string[] {
  const own = [...OF_ALL, ...OF_PROCESSES].flatMap((check) => check(plan));
  const { later } = plan;
  return later ? [...own, ...OF_ALL.flatMap((check) => check(later)).map((problem) => `later: ${problem}`)] : own;
}
