/** config-linux.md, Cgroup ownership: a container with a cgroup namespace and a writable cgroup mount owns its cgroup. */
import type { Operation } from "../../plan/operations.ts";
import type { CgroupRequest } from "./cgroup-plan.ts";

/** One name on a line: files that a delegated cgroup's owner may write. */
const LIST = "/sys/kernel/cgroup/delegate";
const FALLBACK = ["cgroup.procs", "cgroup.subtree_control", "cgroup.threads"];
/** (gid_t) -1: chown(2) leaves the group. */
const UNCHANGED = 0xffffffff;

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
