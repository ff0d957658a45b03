/** Entries of config.json that tsoci does not carry out yet: refused by name, never ignored. */
import { TsociError } from "../base/errors.ts";
import type { Context } from "./context.ts";

const NOT_YET = ["intelRdt"] as const;

/** Throws for the first such entry. */
export function refuseNotYet({ spec }: Pick<Context, "spec">): void {
  const linux = spec.linux ?? {};
  for (const property of NOT_YET) {
    const value = linux[property];
    if (value === undefined || Object.keys(value).length === 0) continue;
    throw notYet(`/linux/${property}`);
  }
}

/** `what`: which part of the entry, where that is not all of it. */
export function notYet(pointer: string, what?: string): TsociError {
  const part = what === undefined ? "" : ` (${what})`;
  return new TsociError("unsupported", `not supported yet: ${pointer}${part}`, { pointer });
}
