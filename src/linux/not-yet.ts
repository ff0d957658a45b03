/** Entries of config.json that tsoci does not carry out yet: refused by name, never ignored. */
import { TsociError } from "../base/errors.ts";
import type { HostFacts } from "../facts/facts.ts";
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
  return linux.mountLabel === undefined ? [] : leaveOutLabel("selinux", "/linux/mountLabel", facts.host);
}

const MODULES = { apparmor: "AppArmor", selinux: "SELinux" } as const;

/** A label means nothing to a host without the security module; one that has it would have to obey. */
export function leaveOutLabel(module: keyof typeof MODULES, from: string, host: HostFacts): Operation[] {
  if (host.securityModules[module]) throw notYet(from);
  const message = `${from}: ${MODULES[module]} is not enabled on this host; the label is left out`;
  return [{ op: "warn", from, message }];
}

/** `what`: which part of the entry, where that is not all of it. */
export function notYet(pointer: string, what?: string): TsociError {
  const part = what === undefined ? "" : ` (${what})`;
  return new TsociError("unsupported", `not supported yet: ${pointer}${part}`, { pointer });
}
