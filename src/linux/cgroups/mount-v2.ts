/** A mount of a cgroup2 in the container. */
import type { Operation } from "../../plan/operations.ts";
import type { CgroupMount } from "./cgroup-plan.ts";
import { attributes, bind } from "./mount.ts";

/**
 * With a cgroup namespace a mount of the filesystem, which the namespace roots at the container's cgroup; without one
 * a bind of that cgroup. Read-only is set on the mount: the superblock belongs to the host.
 */
export function mountV2(mount: CgroupMount, source: string): Operation[] {
  if (!mount.cgroupNamespace) return bind(mount, source);
  const { from, target } = mount;
  return [
    {
      op: "mount",
      from,
      type: "cgroup2",
      source: "cgroup2",
      target,
      flags: [],
      set: attributes(mount),
      data: "",
      or_bind: source,
      options: [],
    },
  ];
}
