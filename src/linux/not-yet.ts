/** Entries of config.json that tsoci does not carry out yet: refused by name, never ignored. */
import { TsociError } from "../base/errors.ts";

/** `what`: which part of the entry, where that is not all of it. */
export function notYet(pointer: string, what?: string): TsociError {
  const part = what === undefined ? "" : ` (${what})`;
  return new TsociError("unsupported", `not supported yet: ${pointer}${part}`, { pointer });
}
