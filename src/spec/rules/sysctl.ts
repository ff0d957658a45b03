/** Rules about `linux.sysctl`: a parameter that no namespace keeps apart would change the host. */
import { pointer } from "../../base/pointer.ts";
import type { NamespaceType, Spec } from "../generated/config.ts";
import type { Rule } from "../rule.ts";
import { sysctlPath } from "../sysctl.ts";
import { namespaceOf } from "./namespaces.ts";

/** Parameters that belong to a namespace, as paths below /proc/sys; the first that matches counts. */
const OWNERS: readonly (readonly [RegExp, NamespaceType])[] = [
  [/^net\//, "network"],
  [/^fs\/mqueue\//, "ipc"],
  [/^kernel\/(?:msg(?:max|mnb|mni|_next_id)|sem(?:_next_id)?|shm(?:all|max|mni|_rmid_forced|_next_id))$/, "ipc"],
  [/^kernel\/domainname$/, "uts"],
  [/^user\//, "user"],
];

export const sysctlRules: readonly Rule<Spec>[] = [
  {
    name: "sysctl-needs-namespace",
    section: "config-linux.md, Sysctl",
    reads: ["/linux/sysctl", "/linux/namespaces", "/domainname"],
    check(spec, report) {
      for (const name of Object.keys(spec.linux?.sysctl ?? {})) {
        const problem = sysctlProblem(name, spec);
        if (problem !== undefined) report(pointer("/linux/sysctl", name), problem);
      }
    },
  },
];

function sysctlProblem(name: string, spec: Spec): string | undefined {
  const path = sysctlPath(name)?.join("/");
  const shown = JSON.stringify(name);
  if (path === undefined || /\s/.test(path)) return `${shown} is not a name of a kernel parameter`;
  const field = path.replace("kernel/", "");
  if (field === "hostname" || (field === "domainname" && spec.domainname !== undefined)) {
    return `sysctl ${shown} is not allowed as it conflicts with the OCI "${field}" field`;
  }
  const owner = OWNERS.find(([pattern]) => pattern.test(path))?.[1];
  if (owner === undefined) return `sysctl ${shown} is not in a separate kernel namespace`;
  if (namespaceOf(spec, owner)) return undefined;
  return `sysctl ${shown} is not allowed without a private ${owner} namespace`;
}
