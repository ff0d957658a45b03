/** What the table of operations says about each operation. */
import type { ArgumentKind, ValueOf } from "./arguments.ts";
import type { Section } from "./sections.ts";
import type { SlotName } from "./slots.ts";

/** What an operation does to slots, beside reading those that stand in its texts. */
export interface SlotUse {
  /** Must hold a value. */
  readonly reads?: readonly SlotName[];
  readonly fills?: readonly SlotName[];
  readonly empties?: readonly SlotName[];
}

type Kinds = Record<string, ArgumentKind<unknown>>;
type Values<A extends Kinds> = { readonly [K in keyof A]: ValueOf<A[K]> };

export interface Definition<A extends Kinds> {
  /** The contract between the planner and the executor. */
  readonly about: string;
  /** The sections that may hold it. `undo` stands only with operations that may run twice. */
  readonly places: readonly Section[];
  /** In the order on the wire. */
  readonly args: A;
  readonly slots?: (a: Values<A>, section: Section) => SlotUse;
  /** What an error calls it: "bind /srv/data on /data". */
  readonly says: (a: Values<A>) => string;
  /** How a person would type it. */
  readonly shell: (a: Values<A>) => string;
}

/** An entry of the table, with the types of its arguments. */
export function define<const A extends Kinds>(definition: Definition<A>): Definition<A> {
  return definition;
}
