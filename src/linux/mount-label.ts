/** linux.mountLabel (config-linux.md, "Mount Label"): the context of the container's filesystems, a mount option of SELinux. */
import type { Operation } from "../plan/operations.ts";
import type { Context } from "./context.ts";
import { leaveOutLabel } from "./security-labels.ts";

const from = "/linux/mountLabel";

/** What these show is the kernel's, which labels it by its policy; a context would be refused. */
const LABELLED_BY_KERNEL: ReadonlySet<unknown> = new Set(["proc", "sysfs", "cgroup", "cgroup2", "mqueue"]);

/** host: a warning where the label is left out. */
export function warnAboutMountLabel({ spec, facts }: Pick<Context, "spec" | "facts">): Operation[] {
  return leaveOutLabel("selinux", spec.linux?.mountLabel, from, facts.host);
}

/** The same operations, with the label as an option of every new filesystem that takes one; a context of its own wins. */
export function withMountLabel({ spec, facts }: Context, operations: readonly Operation[]): Operation[] {
  const label = facts.host.securityModules.selinux ? spec.linux?.mountLabel : undefined;
  if (label === undefined) return [...operations];
  return operations.map((operation) => {
    if (operation.op !== "mount" || LABELLED_BY_KERNEL.has(operation.type)) return operation;
    const data = String(operation.data);
    if (/(^|,)(context|fscontext|defcontext|rootcontext)=/.test(data)) return operation;
    // In quotes, for categories stand behind commas.
    return { ...operation, data: `${data === "" ? "" : `${data},`}context="${label}"` };
  });
}
