/** How texts of a plan read in messages and in shell commands. Slots appear as $variables. */
import type { Text } from "./arguments.ts";

/** The text as a person reads it: slots as $name. */
export function show(value: Text): string {
  if (typeof value === "string") return value;
  return value.map((piece) => (typeof piece === "string" ? piece : `$${piece.slot}`)).join("");
}

/** One word for a POSIX shell; texts with slots get double quotes so that the variable expands. */
export function quote(value: Text): string {
  if (typeof value !== "string") {
    const inner = value.map((piece) =>
      typeof piece === "string" ? piece.replace(/["$`\\]/g, "\\$&") : `\${${piece.slot}}`,
    );
    return `"${inner.join("")}"`;
  }
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

export function quoteAll(values: readonly Text[]): string {
  return values.map(quote).join(" ");
}

export function octal(value: number): string {
  return value.toString(8).padStart(4, "0");
}
