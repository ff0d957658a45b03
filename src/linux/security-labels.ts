/**
 * process.apparmorProfile and process.selinuxLabel (config.md, "Linux Process"): what execve(2) will change to. The kernel
 * takes them in files of /proc/thread-self/attr (proc_pid_attr(5)), by way of the private procfs (CVE-2019-16884).
 */
import type { Facts, HostFacts, SecurityModules } from "../facts/facts.ts";
import type { Operation } from "../plan/operations.ts";
import type { Process } from "../spec/generated/config.ts";

const MODULES: Readonly<Record<keyof SecurityModules, string>> = { apparmor: "AppArmor", selinux: "SELinux" };

const ATTRIBUTES = "thread-self/attr";

/** A label means nothing to a host without the security module: it is left out. */
export function leaveOutLabel(
  module: keyof SecurityModules,
  label: string | undefined,
  from: string,
  host: HostFacts,
): Operation[] {
  if (label === undefined || host.securityModules[module]) return [];
  const message = `${from}: ${MODULES[module]} is not enabled on this host; the label is left out`;
  return [{ op: "warn", from, message }];
}

/** host: a warning for each label that is left out. */
export function warnAboutLabels({ apparmorProfile, selinuxLabel }: Process, base: string, facts: Facts): Operation[] {
  return [
    ...leaveOutLabel("apparmor", apparmorProfile, `${base}/apparmorProfile`, facts.host),
    ...leaveOutLabel("selinux", selinuxLabel, `${base}/selinuxLabel`, facts.host),
  ];
}

/** The label that SELinux will see; undefined where there is none, or no SELinux. */
function selinuxLabel({ selinuxLabel: label }: Process, { host }: Facts): string | undefined {
  return host.securityModules.selinux ? label : undefined;
}

/** Whether init needs its procfs. */
export function hasLabels(process: Process, facts: Facts): boolean {
  return labelOnExec(process, "", facts).length > 0;
}

/** init: which labels the next execve(2) gives. Startcontainer hooks get them too, as they get the credentials. */
export function labelOnExec(process: Process, base: string, facts: Facts): Operation[] {
  const profile = facts.host.securityModules.apparmor ? process.apparmorProfile : undefined;
  const label = selinuxLabel(process, facts);
  const operations: Operation[] = [];
  if (profile !== undefined) {
    operations.push({
      op: "write_proc",
      from: `${base}/apparmorProfile`,
      path: `${apparmorAttributes(facts)}/exec`,
      data: `exec ${profile}`,
    });
  }
  if (label !== undefined) {
    operations.push({ op: "write_proc", from: `${base}/selinuxLabel`, path: `${ATTRIBUTES}/exec`, data: label });
  }
  return operations;
}

/** Its own directory, where other modules can't get in between (Linux 5.8); before, the one that all share. */
function apparmorAttributes({ files }: Facts): string {
  return files.exists("/proc/self/attr/apparmor/exec") ? `${ATTRIBUTES}/apparmor` : ATTRIBUTES;
}

/** init: around what makes keys, so that the process can use them. */
export function labelKeys(
  process: Process | undefined,
  base: string,
  facts: Facts,
  make: readonly Operation[],
): Operation[] {
  const label = process && selinuxLabel(process, facts);
  if (label === undefined || make.length === 0) return [...make];
  const from = `${base}/selinuxLabel`;
  const path = `${ATTRIBUTES}/keycreate`;
  // A newline stands for no label.
  return [{ op: "write_proc", from, path, data: label }, ...make, { op: "write_proc", from, path, data: "\n" }];
}
