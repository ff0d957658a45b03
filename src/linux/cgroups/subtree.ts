/** cgroup v2: which controllers the container's cgroup gets. Kernel: admin-guide/cgroup-v2.rst (Controlling Controllers). */
import type { CgroupFiles } from "../../facts/facts.ts";
import { cannot } from "./limits.ts";
import { type Place, parentOf } from "./place.ts";

/** What callers read statistics from, and what costs nothing to enable. */
const STATISTICS = ["memory", "pids", "io"] as const;
/** Passed on to the container where its siblings have them already. */
const INHERITED = ["cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc"] as const;

/**
 * Throws TsociError "host" that names `from` when no ancestor can hand the controller down to the container, or one that
 * would have to has processes: the kernel refuses that for some controllers, and for others (pids, cpu) it makes every
 * cgroup below unfit for processes instead.
 */
export function requireController(place: Place, controller: string, from: string, files: CgroupFiles): void {
  let directory = place.parent;
  for (;;) {
    if (words(files, directory, "cgroup.subtree_control").includes(controller)) return;
    if (isOccupied(directory, files)) {
      const why = `the ${controller} controller can't be enabled below ${directory}, which has processes of its own`;
      throw cannot(from, why);
    }
    if (words(files, directory, "cgroup.controllers").includes(controller)) return;
    const above = parentOf(directory);
    const end = directory.length <= place.hierarchy.mount.length;
    if (end || !files.writable(`${above}/cgroup.subtree_control`))
      throw cannot(from, missing(place, controller, directory));
    directory = above;
  }
}

function missing(place: Place, controller: string, directory: string): string {
  const user = /^.*\/user@\d+\.service/.exec(place.parent)?.[0];
  const hint = user && user.length >= directory.length ? ": user@.service needs Delegate= with it" : "";
  return `the ${controller} controller is not available in ${directory}${hint}`;
}

/**
 * The words for cgroup.subtree_control of every ancestor: the controllers that limits need, and those that come
 * without a risk. Without processes in the parent (or in the root), the controllers of statistics can be enabled too.
 */
export function subtreeWords(place: Place, needed: ReadonlySet<string>, files: CgroupFiles): string[] {
  const enabled = words(files, place.parent, "cgroup.subtree_control");
  const wanted = new Set([...needed, ...INHERITED.filter((controller) => enabled.includes(controller))]);
  const missing = STATISTICS.filter((controller) => !wanted.has(controller));
  if (missing.length > 0 && mayDivide(place, files)) {
    const available = words(files, place.parent, "cgroup.controllers");
    for (const controller of missing) if (available.includes(controller)) wanted.add(controller);
  }
  return [...wanted];
}

function mayDivide({ parent }: Place, files: CgroupFiles): boolean {
  return files.writable(`${parent}/cgroup.subtree_control`) && !isOccupied(parent, files);
}

/**
 * Only the root may have processes beside children with controllers, and it alone has no cgroup.events. (In a cgroup
 * namespace the apparent root does have it.) A threaded cgroup doesn't let its processes be read.
 */
function isOccupied(directory: string, files: CgroupFiles): boolean {
  return files.exists(`${directory}/cgroup.events`) && files.read(`${directory}/cgroup.procs`)?.trim() !== "";
}

function words(files: CgroupFiles, directory: string, file: string): string[] {
  return (
    files
      .read(`${directory}/${file}`)
      ?.split(/\s+/)
      .filter((word) => word !== "") ?? []
  );
}
