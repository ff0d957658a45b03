/** Every slot holds a value before it is read, in each process on its own. */
import type { Text } from "../arguments.ts";
import type { SlotUse } from "../definition.ts";
import { definitions, type Operation, type Section } from "../operations.ts";
import type { Plan } from "../plan.ts";
import { type SlotName, slots as table } from "../slots.ts";
import { type Check, type Step, stepsOf } from "./walk.ts";

/** What stored commands find: the signal of the command line, 0 where there is none. */
const STORED: readonly SlotName[] = ["signal"];

/** undo and poststop may be replayed at any time, so they can't count on anything. */
const ALONE: Readonly<Partial<Record<Section, readonly SlotName[]>>> = {
  undo: [],
  poststop: [],
  start: STORED,
  state: STORED,
  kill: STORED,
  kill_all: STORED,
  abandon: STORED,
  pause: STORED,
  resume: STORED,
  delete: STORED,
};

export const slotsAreFilled: Check = (plan) => {
  const problems: string[] = [];
  const host = follow(stepsOf(plan, "host"), new Set(), problems);
  const stage = follow(stepsOf(plan, "stage"), child(host), problems);
  follow(stepsOf(plan, "init"), child(plan.sections.stage ? stage : host), problems);
  for (const [section, filled] of Object.entries(ALONE) as [Section, readonly SlotName[]][]) {
    follow(stepsOf(plan, section), new Set(filled), problems);
  }
  return problems;
};

/** A child has what its parent had when it was cloned, and knows itself. */
function child(atClone: ReadonlySet<SlotName>): Set<SlotName> {
  return new Set<SlotName>([...atClone, "own_pid"]);
}

/** Walks over a section; returns what was filled at its clone (at its end, where it clones nothing). */
function follow(steps: readonly Step[], filled: Set<SlotName>, problems: string[]): ReadonlySet<SlotName> {
  let atClone: ReadonlySet<SlotName> | undefined;
  for (const { operation, section, at } of steps) {
    const use = useOf(operation, section);
    for (const slot of [...textSlots(operation), ...(use.reads ?? [])]) {
      if (!filled.has(slot)) problems.push(`${at}: reads ${slot}, which nothing has filled`);
    }
    for (const slot of use.empties ?? []) filled.delete(slot);
    for (const slot of use.fills ?? []) filled.add(slot);
    if (operation.op === "clone") atClone = new Set(filled);
  }
  return atClone ?? filled;
}

export function useOf(operation: Operation, section: Section): SlotUse {
  return definitions[operation.op].slots?.(operation, section) ?? {};
}

/** The slots whose values stand in the texts of an operation. */
function textSlots(operation: Operation): SlotName[] {
  const values = operation as unknown as Readonly<Record<string, unknown>>;
  return Object.entries(definitions[operation.op].args).flatMap(([name, kind]) => {
    if (kind.wire === "text") return inText(values[name] as Text);
    return kind.wire === "list" ? (values[name] as readonly Text[]).flatMap(inText) : [];
  });
}

function inText(value: Text): SlotName[] {
  return typeof value === "string" ? [] : value.flatMap((piece) => (typeof piece === "string" ? [] : piece.slot));
}

/**
 * What init may still hold when it waits for its start. `exec` closes every descriptor but 0, 1, 2, those to preserve, and
 * its socket, which is close-on-exec; until then nothing may be open that is the host's: what is missing here (sockets of
 * the caller, files of cgroups, the pidfd of another process) has to be closed by the plan.
 */
const CLOSED_BY_EXEC: ReadonlySet<SlotName> = new Set([
  "start_socket",
  "rootfs",
  "procfs",
  "tree",
  "null",
  "empty",
  ...(Object.keys(table) as SlotName[]).filter((name) => name.startsWith("namespace_")),
]);

export const descriptorsAreClosed: Check = (plan) =>
  [...openInInit(plan)]
    .filter((slot) => !CLOSED_BY_EXEC.has(slot))
    .map((slot) => `init: keeps ${slot} while it waits for its start`);

/** The descriptors that init holds when it waits for its start, or executes the program. */
export function openInInit(plan: Plan): ReadonlySet<SlotName> {
  const ignored: string[] = [];
  if (plan.sections.init === undefined) return new Set();
  const host = follow(stepsOf(plan, "host"), new Set(), ignored);
  const inherited = plan.sections.stage ? follow(stepsOf(plan, "stage"), child(host), ignored) : host;
  const steps = stepsOf(plan, "init");
  const filled = child(inherited);
  const end = steps.findIndex(({ operation }) => operation.op === "await_start" || operation.op === "exec");
  follow(end < 0 ? steps : steps.slice(0, end), filled, ignored);
  return new Set([...filled].filter((name) => table[name].type === "descriptor"));
}
