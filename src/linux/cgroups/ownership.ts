/** config-linux.md, Cgroup ownership: a container with a cgroup namespace and a writable cgroup mount owns its cgroup. */
import type { Operation } from "../../plan/operations.ts";
import type { Spec } from "../../spec/generated/config.ts";
import { hostId } from "../ids.ts";
import type { Isolation } from "../namespaces.ts";
import type { CgroupRequest } from "./cgroup-plan.ts";

/** One name on a line: files that a delegated cgroup's owner may write. */
const LIST = "/sys/kernel/cgroup/delegate";
const FALLBACK = ["cgroup.procs", "cgroup.subtree_control", "cgroup.threads"];
/** (gid_t) -1: chown(2) leaves the group. */
const UNCHANGED = 0xffffffff;

/**
 * The host uid that the rules give the cgroup to, or undefined: a new cgroup namespace, and a mount of the cgroups at
 * /sys/fs/cgroup that may be written.
 */
export function cgroupOwner(spec: Spec, isolation: Isolation): number | undefined {
  const writable = (spec.mounts ?? []).some(
    ({ source, type, destination, options = [] }) =>
      (source === "cgroup" || type === "cgroup" || type === "cgroup2") &&
      destination === "/sys/fs/cgroup" &&
      !options.includes("ro"),
  );
  if (isolation.of("cgroup") !== "new" || !writable || spec.process === undefined) return undefined;
  return hostId(spec.linux?.uidMappings, spec.process.user?.uid ?? 0);
}

export function delegate({ owner, files }: CgroupRequest, directory: string): Operation[] {
  if (owner === undefined) return [];
  const names =
    files
      .read(LIST)
      ?.split("\n")
      .filter((name) => name !== "" && !name.includes("/")) ?? FALLBACK;
  const from = "cgroup ownership";
  return [
    { op: "chown", from, path: directory, uid: owner, gid: UNCHANGED, flags: [] },
    ...names.map((name): Operation => {
      return { op: "chown", from, path: `${directory}/${name}`, uid: owner, gid: UNCHANGED, flags: ["optional"] };
    }),
  ];
}
