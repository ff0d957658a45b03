/** Entries of config.json that tsoci does not carry out yet: refused by name, never ignored. */
import { TsociError } from "../base/errors.ts";
import type { Operation } from "../plan/operations.ts";
import type { Context } from "./context.ts";

const NOT_YET = ["netDevices", "intelRdt", "memoryPolicy", "personality"] as const;

/** Throws for the first such entry; warns about a label for a security module that the host does not have. */
export function refuseNotYet({ spec, facts }: Pick<Context, "spec" | "facts">): Operation[] {
  const linux = spec.linux ?? {};
  for (const property of NOT_YET) {
    const value = linux[property];
    if (value === undefined || Object.keys(value).length === 0) continue;
    throw notYet(`/linux/${property}`);
  }
  if (linux.mountLabel === undefined) return [];
  if (facts.host.securityModules.selinux) throw notYet("/linux/mountLabel");
  const from = "/linux/mountLabel";
  return [{ op: "warn", from, message: `${from}: SELinux is not enabled on this host; the label is left out` }];
}

export function notYet(pointer: string): TsociError {
  return new TsociError("unsupported", `not supported yet: ${pointer}`, { pointer });
}
