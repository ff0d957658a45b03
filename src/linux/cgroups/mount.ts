/** What mounts of cgroups have in common, whatever the layout. */
import type { CgroupHierarchy } from "../../facts/facts.ts";
import type { MountAttribute } from "../../kernel/mount-flags.ts";
import type { Operation } from "../../plan/operations.ts";
import type { CgroupMount } from "./cgroup-plan.ts";
import type { Place } from "./place.ts";

/** A cgroup holds no programs and no devices, whatever the options say. */
const ALWAYS = ["MOUNT_ATTR_NOSUID", "MOUNT_ATTR_NODEV", "MOUNT_ATTR_NOEXEC"] as const;

export function attributes({ set = [], readonly }: CgroupMount): MountAttribute[] {
  const more = set.filter((name) => name !== "MOUNT_ATTR_RDONLY" && !ALWAYS.some((always) => always === name));
  return [...ALWAYS, ...(readonly ? (["MOUNT_ATTR_RDONLY"] as const) : []), ...more];
}

/** Binds a directory of the host. It gets its attributes before anyone can see it (CVE-2023-25809). */
export function bind(mount: CgroupMount, source: string): Operation[] {
  const { from, target } = mount;
  return [
    { op: "tree", from, path: source, flags: [] },
    { op: "attributes", from, set: attributes(mount), clear: [], propagation: [], flags: [] },
    { op: "attach", from, target, flags: [] },
  ];
}

/** The cgroup of the container in a hierarchy; where it has none, that of the runtime, in which it stays. */
export function sourceOf(hierarchy: CgroupHierarchy, places: readonly Place[]): string {
  const place = places.find((candidate) => candidate.hierarchy === hierarchy);
  if (place) return place.directory;
  return hierarchy.own === null || hierarchy.own === "/" ? hierarchy.mount : hierarchy.mount + hierarchy.own;
}
