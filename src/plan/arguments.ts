/**
 * The kinds of arguments that operations take. Each kind knows its TypeScript value, and how it travels to the executor:
 * as a number (u64), as text (literal pieces and slots), as a list of texts, or as bytes.
 */
import { type SlotName, slots } from "./slots.ts";

/** A value that is unknown while planning: an operation fills the slot, later ones read it. */
export interface SlotReference {
  readonly slot: SlotName;
}

/** Text whose pieces may be slots, filled in by the executor: ["/proc/", {slot: "pid"}, "/uid_map"]. */
export type Text = string | readonly (string | SlotReference)[];

/** Builds a Text: text`/proc/${slot("pid")}/uid_map`. Strings and other texts are inserted as they are. */
export function text(strings: TemplateStringsArray, ...values: readonly (Text | number | SlotReference)[]): Text {
  const pieces: (string | SlotReference)[] = [];
  const append = (piece: string | number | SlotReference) => {
    const last = pieces.length - 1;
    if (piece === "") return;
    if (typeof piece === "object") pieces.push(piece);
    else if (typeof pieces[last] === "string") pieces[last] += piece;
    else pieces.push(String(piece));
  };
  strings.forEach((string, index) => {
    append(string);
    const value = values[index] ?? "";
    for (const piece of Array.isArray(value) ? value : [value as string | number | SlotReference]) append(piece);
  });
  if (pieces.length === 0) return "";
  return pieces.length === 1 && typeof pieces[0] === "string" ? pieces[0] : pieces;
}

/** A reference to a slot, for `text`. */
export function slot(name: SlotName): SlotReference {
  return { slot: name };
}

export type WireKind = "number" | "slot" | "text" | "list" | "bytes";

/** `Value` is the TypeScript type that a planner writes. */
export interface ArgumentKind<Value> {
  readonly wire: WireKind;
  /** For numbers: value → u64. */
  encode?(value: Value): number | bigint;
  /** For the JSON Schema of plans and for messages of the checker. */
  readonly describe: string;
  readonly names?: readonly string[];
  /** Never set: carries the type. */
  readonly value?: Value;
}

export type ValueOf<K> = K extends ArgumentKind<infer V> ? V : never;

export const number: ArgumentKind<number | bigint> = { wire: "number", encode: (v) => v, describe: "unsigned integer" };
/** On the wire in two's complement. */
export const integer: ArgumentKind<number> = { wire: "number", encode: (v) => v, describe: "integer" };
/** A file mode; octal in explanations. */
export const mode: ArgumentKind<number> = { wire: "number", encode: (v) => v, describe: "file mode" };
export const textArgument: ArgumentKind<Text> = { wire: "text", describe: "text" };
export const list: ArgumentKind<readonly Text[]> = { wire: "list", describe: "list of texts" };
export const bytes: ArgumentKind<Uint8Array> = { wire: "bytes", describe: "bytes" };
/** Numbers of 32 bits each, such as group ids. */
export const numbers: ArgumentKind<readonly number[]> = { wire: "bytes", describe: "list of 32-bit integers" };
/** A slot that holds a descriptor. */
export const slotArgument: ArgumentKind<SlotName> = {
  wire: "slot",
  encode: (name) => slots[name].number,
  describe: "slot",
  names: Object.keys(slots),
};

/** Names that stand for bits 0 to 30 of a word: `flags(MOUNT_FLAGS)` takes ["MS_REC", "MS_PRIVATE"]. */
export function flags<const T extends Record<string, number>>(table: T): ArgumentKind<readonly (keyof T & string)[]> {
  return {
    wire: "number",
    encode: (names) => {
      let word = 0;
      for (const name of names) word |= table[name] ?? 0;
      return word;
    },
    describe: "flags",
    names: Object.keys(table),
  };
}

/** One name out of a table. */
export function oneOf<const T extends Record<string, number>>(table: T): ArgumentKind<keyof T & string> {
  return { wire: "number", encode: (name) => table[name] ?? 0, describe: "name", names: Object.keys(table) };
}
