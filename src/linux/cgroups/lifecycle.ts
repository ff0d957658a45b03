/** Making, joining and removing the container's cgroup in one hierarchy: the same on v1 and v2. */
import { slot } from "../../plan/arguments.ts";
import type { Operation } from "../../plan/operations.ts";
import type { CgroupPlan, Freezer } from "./cgroup-plan.ts";
import type { Place } from "./place.ts";

/** The plan of a container that stays where the runtime is. */
export const NO_CGROUPS: Omit<CgroupPlan, "mount"> = {
  create: [],
  join: [],
  undo: [],
  paths: {},
  freezer: undefined,
  oom: undefined,
  killPath: undefined,
};

/** `controllers`: words for cgroup.subtree_control of the ancestors ("+cpu +memory"), "" on v1. */
export function makePlace({ hierarchy, path }: Place, controllers: string, from: string): Operation {
  // A new cpuset has neither CPUs nor memory nodes on v1, and nothing could join it.
  const inherits = hierarchy.version === 1 && hierarchy.controllers.includes("cpuset");
  const flags = inherits ? (["cpuset", "empty"] as const) : (["empty"] as const);
  return { op: "cgroup", from, mount: hierarchy.mount, path, controllers, flags };
}

export function joinPlace(place: Place, from: string): Operation {
  return join(place.directory, from);
}

/** Puts the slot `pid` into a cgroup, with all its threads. */
export function join(directory: string, from: string): Operation {
  return { op: "write", from, path: `${directory}/cgroup.procs`, data: [slot("pid")], mode: 0, flags: [] };
}

/** Kills what is left, then removes what did not exist before, in the opposite order of making it. */
export function undoPlaces(
  places: readonly Place[],
  killPath: string | undefined,
  freezer: Freezer | undefined,
  from: string,
): Operation[] {
  if (killPath === undefined) return [];
  return [
    { op: "kill_cgroup", from, path: killPath, freezer: freezer?.file ?? "", thaw: freezer?.thaw ?? "", flags: [] },
    ...places
      .filter((place) => !place.existed)
      .toReversed()
      .map(({ hierarchy, path, missingParents }): Operation => {
        return { op: "rmdir_cgroup", from, mount: hierarchy.mount, path, parents: missingParents };
      }),
  ];
}
