/** Where the container's cgroup stands in each hierarchy, and how much of that place exists already. */
import { TsociError } from "../../base/errors.ts";
import type { CgroupFiles, CgroupHierarchy } from "../../facts/facts.ts";
import type { CgroupRequest } from "./cgroup-plan.ts";
import { cgroupPath } from "./path.ts";

export interface Place {
  readonly hierarchy: CgroupHierarchy;
  /** Below the mount point: "/docker/x". */
  readonly path: string;
  /** The whole path of the container's cgroup. */
  readonly directory: string;
  /** The cgroup was there before the container, and stays when the container goes. */
  readonly existed: boolean;
  /** How many of its ancestors don't exist yet. */
  readonly missingParents: number;
  /** The deepest ancestor that exists, whole path. */
  readonly parent: string;
}

/** `--rootless auto`: whether cgroups that may not be made are tolerated, as runc decides it for the cgroupfs driver. */
export function rootlessCgroups(host: { readonly euid: number; readonly userNamespace: boolean }): boolean {
  return host.euid !== 0 || host.userNamespace;
}

/** What the operations on paths name as their reason. */
export function pathOrigin(request: CgroupRequest): string {
  return request.cgroupsPath ? "/linux/cgroupsPath" : "cgroup";
}

/**
 * The place of the container in a hierarchy; undefined when the container stays in the runtime's own cgroup there: a
 * rootless runtime, no cgroupsPath, and no permission. Throws TsociError "config" for a cgroupsPath that leads out of
 * the hierarchy, "host" where the permission is missing, and "state" for a cgroup that is frozen.
 */
export function findPlace(hierarchy: CgroupHierarchy, request: CgroupRequest): Place | undefined {
  const tolerant = request.rootless && !request.cgroupsPath;
  if (request.disabled || (tolerant && hierarchy.own === null)) return undefined;
  const place = look(hierarchy, cgroupPath(hierarchy, request), request.files);
  if (request.rootless && !permitted(place, request.files)) {
    if (tolerant) return undefined;
    throw new TsociError(
      "host",
      `rootless needs no limits + no cgrouppath when no permission is granted for cgroups: ${place.parent} is not writable`,
      { pointer: "/linux/cgroupsPath" },
    );
  }
  return place;
}

/**
 * Processes of somebody else must share neither limits nor end with the container: throws TsociError "state" while nothing
 * has been done that an undo would take back. The executor looks again when it makes the cgroup, and below it.
 */
export function refuseInhabited(places: readonly Place[], { cgroupsPath, files }: CgroupRequest): void {
  for (const { existed, directory } of places) {
    const processes = existed ? (files.read(`${directory}/cgroup.procs`) ?? "").split("\n").length - 1 : 0;
    if (processes <= 0) continue;
    const message = `container's cgroup is not empty: ${processes} process(es) found in ${directory}`;
    throw new TsociError("state", message, cgroupsPath ? { pointer: "/linux/cgroupsPath" } : {});
  }
}

/** Looks from the leaf upwards: most often the parent exists. */
function look(hierarchy: CgroupHierarchy, path: string, files: CgroupFiles): Place {
  const directory = hierarchy.mount + path;
  const existed = files.exists(directory);
  let parent = parentOf(directory);
  let missingParents = 0;
  while (!existed && parent.length > hierarchy.mount.length && !files.exists(parent)) {
    parent = parentOf(parent);
    missingParents++;
  }
  return { hierarchy, path, directory, existed, missingParents, parent };
}

export function parentOf(directory: string): string {
  return directory.slice(0, directory.lastIndexOf("/"));
}

/** Moving a process also takes the right to write cgroup.procs of the ancestor that both cgroups share. */
function permitted(place: Place, files: CgroupFiles): boolean {
  const directory = place.existed ? place.directory : place.parent;
  return files.writable(directory) && files.writable(`${directory}/cgroup.procs`);
}
