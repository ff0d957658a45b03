/** Rules about `mounts` (config.md, Mounts). */
import { pointer } from "../../base/pointer.ts";
import type { Mount, Spec } from "../generated/config.ts";
import type { Report, Rule } from "../rule.ts";
import { namespaceOf } from "./namespaces.ts";

export const mountRules: readonly Rule<Spec>[] = [
  {
    name: "mounts",
    section: "config.md, Mounts",
    reads: ["/mounts"],
    each: ["/mounts"],
    check({ mounts }, report) {
      mounts?.forEach((mount, index) => {
        checkMount(mount, pointer("/mounts", index), report);
      });
    },
  },
  {
    name: "idmap-needs-mappings",
    section: "config.md, Linux mount options",
    reads: ["/mounts", "/linux/namespaces"],
    each: ["/mounts"],
    check(spec, report) {
      if (namespaceOf(spec, "user")) return;
      spec.mounts?.forEach(({ options, uidMappings }, index) => {
        const option = options?.find((name) => name === "idmap" || name === "ridmap");
        if (option === undefined || uidMappings?.length) return;
        report(
          pointer("/mounts", index, "options"),
          `${option} needs uidMappings and gidMappings, or a user namespace`,
        );
      });
    },
  },
];

/** Options that say what mount(2) does instead of mounting a filesystem: then the type has no meaning. */
const WITHOUT_TYPE = /^(?:r?bind|remount|r?(?:private|shared|slave|unbindable))$/;

function checkMount({ type, source, options = [] }: Mount, at: string, report: Report): void {
  const bind = options.some((option) => option === "bind" || option === "rbind");
  if (bind && source === undefined) report(`${at}/source`, "is required for a bind mount");
  if (type === undefined && !options.some((option) => WITHOUT_TYPE.test(option))) {
    report(`${at}/type`, "is required unless options has bind or rbind");
  }
  const index = options.indexOf("tmpcopyup");
  if (index !== -1 && (bind || type !== "tmpfs")) {
    report(pointer(at, "options", index), "tmpcopyup needs a mount of type tmpfs");
  }
}
