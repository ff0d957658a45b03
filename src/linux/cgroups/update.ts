/** `tsoci update`: new limits in the cgroups of a container that is there. */
import { TsociError } from "../../base/errors.ts";
import type { CgroupFiles, CgroupHierarchy, HostFacts } from "../../facts/facts.ts";
import type { Operation } from "../../plan/operations.ts";
import type { Resources } from "../../spec/generated/config.ts";
import { cannot, type Limits, planLimits } from "./limits.ts";
import { type Place, parentOf } from "./place.ts";
import { restore } from "./restore.ts";
import { requireController } from "./subtree.ts";
import { setLimits } from "./systemd/systemd.ts";
import type { ManagedUnit } from "./systemd/unit.ts";
import { CONTROLLERS as CONTROLLERS_V1 } from "./v1.ts";
import { CONTROLLERS as CONTROLLERS_V2 } from "./v2.ts";

export interface CgroupUpdateRequest {
  readonly id: string;
  /** CgroupPlan.paths, as recorded at create. */
  readonly paths: Readonly<Record<string, string>>;
  /** CgroupPlan.managed, as recorded at create. */
  readonly managed: ManagedUnit | undefined;
  /** The parts of linux.resources that change, as they will be: with the values that stay. */
  readonly resources: Resources;
  readonly exact: (pointer: string) => bigint | undefined;
  readonly host: HostFacts;
  readonly files: CgroupFiles;
}

export interface CgroupUpdate {
  /** host: writes the limits, in the order that the kernel accepts. */
  readonly write: readonly Operation[];
  /** undo: writes what was there before, when one of them is refused. */
  readonly undo: readonly Operation[];
}

/**
 * Throws TsociError "config" for limits that contradict each other, "host" for those that this host can't have, "state"
 * for what checkBeforeUpdate forbids.
 */
export function planCgroupUpdate(request: CgroupUpdateRequest): CgroupUpdate {
  const version = Object.keys(request.paths).some((controller) => controller !== "") ? 1 : 2;
  const needed = new Map<string, Place>();
  const limits = limitsOf(request, version, needed);
  const writes = planLimits(limits, version === 1 ? CONTROLLERS_V1 : CONTROLLERS_V2);
  const restores = writes.toReversed().flatMap((operation) => restore(operation, request.files));
  // systemd first: what it rounds is written exactly after it.
  const tell = (what: readonly Operation[], optional: boolean) =>
    request.managed ? setLimits(request.managed, what, optional) : [];
  return {
    write: [...tell(writes, false), ...enable(needed, request.files), ...writes],
    undo: [...tell(restores, true), ...restores],
  };
}

function limitsOf(request: CgroupUpdateRequest, version: 1 | 2, needed: Map<string, Place>): Limits {
  const { files, paths } = request;
  return {
    version,
    resources: request.resources,
    request: { ...request, rootless: false },
    files,
    has: (controller) => paths[version === 1 ? controller : ""] !== undefined,
    place: (controller, from) => {
      const place = placeOf(request, version === 1 ? controller : "", from);
      if (version === 1 || controller === "cgroup" || needed.has(controller)) return place;
      if (!hasController(files, place.directory, controller)) {
        requireController(place, controller, from, files);
        needed.set(controller, place);
      }
      return place;
    },
  };
}

function placeOf({ paths, host, files }: CgroupUpdateRequest, controller: string, from: string): Place {
  const directory = paths[controller];
  const hierarchy = host.cgroup.hierarchies.find(({ version, controllers }) =>
    controller === "" ? version === 2 : controllers.includes(controller),
  );
  const what = controller === "" ? "cgroup" : `cgroup of the ${controller} controller`;
  if (directory === undefined || hierarchy === undefined) throw cannot(from, `the container has no ${what}`);
  if (!files.exists(directory)) throw new TsociError("state", `${directory} is gone`, { pointer: from });
  return existing(hierarchy, directory);
}

function existing(hierarchy: CgroupHierarchy, directory: string): Place {
  const path = directory.slice(hierarchy.mount.length);
  return { hierarchy, path, directory, existed: true, missingParents: 0, parent: parentOf(directory) };
}

function hasController(files: CgroupFiles, directory: string, controller: string): boolean {
  return (files.read(`${directory}/cgroup.controllers`) ?? "").split(/\s+/).includes(controller);
}

/** v2: controllers that nobody asked for at create are handed down from where they end, one at a time. */
function enable(needed: ReadonlyMap<string, Place>, files: CgroupFiles): Operation[] {
  return [...needed].flatMap(([controller, { hierarchy, directory }]) => {
    const operations: Operation[] = [];
    for (let at = parentOf(directory); at.length >= hierarchy.mount.length; at = parentOf(at)) {
      const words = (files.read(`${at}/cgroup.subtree_control`) ?? "").split(/\s+/);
      if (words.includes(controller)) break;
      const path = `${at}/cgroup.subtree_control`;
      operations.unshift({ op: "write", from: "update", path, data: `+${controller}`, mode: 0, flags: [] });
    }
    return operations;
  });
}
