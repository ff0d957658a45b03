/** Rules about `linux.namespaces`, and about what needs one of them: without it the host itself would be changed. */
import { pointer } from "../../base/pointer.ts";
import type { Namespace, NamespaceType, Spec } from "../generated/config.ts";
import type { Rule } from "../rule.ts";

/** The namespace of a type that the container has of its own, new or joined. */
export function namespaceOf(spec: Spec, type: NamespaceType): Namespace | undefined {
  return spec.linux?.namespaces?.find((namespace) => namespace.type === type);
}

/** The kernel's limit for both names, in bytes (uts_namespaces(7)). */
const MAX_NAME = 64;

export const namespaceRules: readonly Rule<Spec>[] = [
  {
    name: "unique-namespaces",
    section: "config-linux.md, Namespaces",
    reads: ["/linux/namespaces"],
    check({ linux }, report) {
      const seen = new Set<string>();
      linux?.namespaces?.forEach(({ type }, index) => {
        if (seen.has(type)) report(pointer("/linux/namespaces", index, "type"), `duplicated namespace ${type}`);
        seen.add(type);
      });
    },
  },
  {
    name: "names-need-uts",
    section: "config.md, Hostname; config.md, Domainname",
    reads: ["/hostname", "/domainname", "/linux/namespaces"],
    check(spec, report) {
      for (const name of ["hostname", "domainname"] as const) {
        const value = spec[name];
        if (value === undefined) continue;
        if (!namespaceOf(spec, "uts")) report(`/${name}`, `unable to set ${name} without a private UTS namespace`);
        if (Buffer.byteLength(value) > MAX_NAME) report(`/${name}`, `must be at most ${MAX_NAME} bytes long`);
      }
    },
  },
  {
    name: "masks-need-mount",
    section: "config-linux.md, Masked Paths; config-linux.md, Readonly Paths",
    reads: ["/linux/maskedPaths", "/linux/readonlyPaths", "/linux/namespaces"],
    check(spec, report) {
      if (namespaceOf(spec, "mount")) return;
      for (const name of ["maskedPaths", "readonlyPaths"] as const) {
        if (spec.linux?.[name]?.length)
          report(`/linux/${name}`, `unable to apply ${name} without a private mount namespace`);
      }
    },
  },
  {
    name: "time-offsets-need-time",
    section: "config-linux.md, Offset for Time Namespace",
    reads: ["/linux/timeOffsets", "/linux/namespaces"],
    check(spec, report) {
      if (Object.keys(spec.linux?.timeOffsets ?? {}).length === 0) return;
      const time = namespaceOf(spec, "time");
      if (time === undefined)
        report("/linux/timeOffsets", "unable to set time offsets without a private time namespace");
      // The kernel lets the offsets be written once, before the first process is in (time_namespaces(7)).
      else if (time.path !== undefined)
        report("/linux/timeOffsets", "unable to set time offsets of a joined time namespace");
    },
  },
];
