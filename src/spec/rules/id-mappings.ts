/** Rules about id mappings, of the user namespace and of id-mapped mounts (user_namespaces(7)). */
import { pointer } from "../../base/pointer.ts";
import type { IDMapping, Spec } from "../generated/config.ts";
import type { Report, Rule } from "../rule.ts";
import { namespaceOf } from "./namespaces.ts";

const KINDS = ["uidMappings", "gidMappings"] as const;

/** Entries that the kernel takes, since 4.15. */
const MAX_MAPPINGS = 340;

/** One more than the greatest id: the value itself means "no id". */
const IDS = 4294967295;

export const idMappingRules: readonly Rule<Spec>[] = [
  {
    name: "mappings-and-user-namespace",
    section: "config-linux.md, User namespace mappings",
    reads: ["/linux/uidMappings", "/linux/gidMappings", "/linux/namespaces"],
    check(spec, report) {
      const user = namespaceOf(spec, "user");
      for (const kind of KINDS) {
        const mapped = (spec.linux?.[kind]?.length ?? 0) > 0;
        if (mapped && user === undefined) {
          report(`/linux/${kind}`, "user namespace mappings specified, but user namespace isn't enabled in the config");
        }
        if (!mapped && user !== undefined && user.path === undefined) {
          report(`/linux/${kind}`, `user namespaces enabled, but no ${kind.slice(0, 3)} mappings found`);
        }
      }
    },
  },
  {
    name: "mapping-ranges",
    section: "config-linux.md, User namespace mappings",
    reads: ["/linux/uidMappings", "/linux/gidMappings"],
    check({ linux }, report) {
      for (const kind of KINDS) checkRanges(linux?.[kind] ?? [], `/linux/${kind}`, report);
    },
  },
  {
    name: "mount-mapping-ranges",
    section: "config.md, POSIX-platform Mounts",
    reads: ["/mounts"],
    each: ["/mounts"],
    check({ mounts }, report) {
      mounts?.forEach((mount, index) => {
        for (const kind of KINDS) checkRanges(mount[kind] ?? [], pointer("/mounts", index, kind), report);
      });
    },
  },
];

function checkRanges(mappings: readonly IDMapping[], at: string, report: Report): void {
  if (mappings.length > MAX_MAPPINGS) {
    report(at, `the kernel takes at most ${MAX_MAPPINGS} entries, not ${mappings.length}`);
    return;
  }
  for (const side of ["containerID", "hostID"] as const) {
    mappings.forEach((mapping, index) => {
      const start = mapping[side];
      const end = start + mapping.size;
      if (end > IDS)
        report(pointer(at, index, "size"), `the ids from ${start} on end at ${IDS - 1}: at most ${IDS - start} fit`);
      const other = mappings.findIndex((m, i) => i < index && m[side] < end && start < m[side] + m.size);
      if (other !== -1) report(pointer(at, index, side), `overlaps with entry ${other}`);
    });
  }
}
