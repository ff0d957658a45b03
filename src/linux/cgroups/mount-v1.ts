/** A mount of type "cgroup" in the container, on a v1 or hybrid host. */
import type { CgroupHierarchy } from "../../facts/facts.ts";
import type { Operation } from "../../plan/operations.ts";
import type { CgroupMount, CgroupRequest } from "./cgroup-plan.ts";
import { cannot } from "./limits.ts";
import { attributes, bind, sourceOf } from "./mount.ts";
import { mountV2 } from "./mount-v2.ts";
import type { Place } from "./place.ts";

/**
 * A tmpfs with a directory for each hierarchy, as the host has them, and links for controllers that share one
 * ("cpu" → "cpu,cpuacct"). With a cgroup namespace each is a mount of the hierarchy, which the namespace roots at the
 * container's cgroup; without one it is a bind of that cgroup.
 */
export function mountV1(mount: CgroupMount, request: CgroupRequest, places: readonly Place[]): Operation[] {
  const { hierarchies } = request.host.cgroup;
  const cgroup2 = hierarchies.find((hierarchy) => hierarchy.version === 2);
  if (mount.type === "cgroup2") {
    if (!cgroup2) throw cannot(mount.from, "this host has no cgroup2 mounted");
    return mountV2(mount, sourceOf(cgroup2, places));
  }
  return [
    ...container(mount, hierarchies),
    ...hierarchies.flatMap((hierarchy) => {
      const target = `${mount.target}/${nameOf(hierarchy)}`;
      return hierarchyMount({ ...mount, target }, hierarchy, sourceOf(hierarchy, places));
    }),
  ];
}

/** The tmpfs is complete, and read-only if asked for, before anything is mounted in it: its slot holds one mount only. */
function container(mount: CgroupMount, hierarchies: readonly CgroupHierarchy[]): Operation[] {
  const { from, target } = mount;
  const writable = attributes({ ...mount, readonly: false });
  const operations: Operation[] = [
    {
      op: "mount",
      from,
      type: "tmpfs",
      source: "tmpfs",
      target,
      flags: [],
      set: writable,
      data: "mode=755",
      or_bind: "",
      options: [],
    },
  ];
  for (const hierarchy of hierarchies) {
    const name = nameOf(hierarchy);
    operations.push({ op: "make_directory", from, path: `${target}/${name}`, mode: 0o755 });
    for (const controller of hierarchy.controllers.length > 1 ? hierarchy.controllers : []) {
      operations.push({ op: "symlink", from, path: `${target}/${controller}`, target: name, flags: [] });
    }
  }
  if (mount.readonly) {
    operations.push({ op: "attributes", from, set: ["MOUNT_ATTR_RDONLY"], clear: [], propagation: [], flags: [] });
  }
  return operations;
}

/** "/sys/fs/cgroup/cpu,cpuacct" → "cpu,cpuacct". */
function nameOf({ mount }: CgroupHierarchy): string {
  return mount.slice(mount.lastIndexOf("/") + 1);
}

function hierarchyMount(mount: CgroupMount, hierarchy: CgroupHierarchy, source: string): Operation[] {
  if (hierarchy.version === 2) return mountV2(mount, source);
  if (!mount.cgroupNamespace) return bind(mount, source);
  const { from, target } = mount;
  const data = hierarchy.controllers.join(",");
  return [
    {
      op: "mount",
      from,
      type: "cgroup",
      source: "cgroup",
      target,
      flags: [],
      set: attributes(mount),
      data,
      or_bind: source,
      options: [],
    },
  ];
}
