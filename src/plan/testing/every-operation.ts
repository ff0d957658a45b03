/** For tests and seeds: one operation of each kind, whose arguments use all that their kinds allow. */
import type { ArgumentKind } from "../arguments.ts";
import { definitions, type Operation } from "../operations.ts";
import type { Plan } from "../plan.ts";

const SLOTTED = ["/proc/", { slot: "pid" }, "/x ", { slot: "status" }] as const;

const SAMPLES: Readonly<Record<string, (kind: ArgumentKind<unknown>) => unknown>> = {
  "unsigned integer": () => (1n << 64n) - 1n,
  integer: () => -1,
  "file mode": () => 0o640,
  text: () => SLOTTED,
  "list of texts": () => ["", "a", SLOTTED, "grün €"],
  bytes: () => Uint8Array.from([0, 1, 2, 255, 0, 0, 0, 0]),
  "list of 32-bit integers": () => [0, 1, 0xffffffff],
  slot: ({ names = [] }) => names[0],
  flags: ({ names = [] }) => names,
  name: ({ names = [] }) => names.at(-1),
};

function sample(op: string, args: Readonly<Record<string, ArgumentKind<unknown>>>): Operation {
  const values = Object.entries(args).map(([name, kind]) => [name, SAMPLES[kind.describe]?.(kind)]);
  return { op, from: `/${op}`, ...Object.fromEntries(values) } as Operation;
}

export function everyOperation(): Operation[] {
  return Object.entries(definitions).map(([op, { args }]) => sample(op, args));
}

/** Not a plan that anyone should carry out: it stands in places where the table allows nothing of it. */
export function planOfEverything(): Plan {
  return { failure: "create failed", failureStatus: 255, sections: { host: everyOperation(), undo: [], delete: [] } };
}
