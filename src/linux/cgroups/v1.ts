/** cgroup v1, one hierarchy per controller, with or without a cgroup2 beside (hybrid). Kernel: admin-guide/cgroup-v1. */
import type { Operation } from "../../plan/operations.ts";
import type { CgroupPlan, CgroupRequest, Freezer } from "./cgroup-plan.ts";
import { blkio } from "./controllers/blkio.ts";
import { cpuV1 } from "./controllers/cpu-v1.ts";
import { cpuset } from "./controllers/cpuset.ts";
import { hugetlb } from "./controllers/hugetlb.ts";
import { memoryV1 } from "./controllers/memory-v1.ts";
import { network } from "./controllers/network.ts";
import { pids } from "./controllers/pids.ts";
import { rdma } from "./controllers/rdma.ts";
import { unified } from "./controllers/unified.ts";
import { deviceList } from "./devices/list.ts";
import { freezerV1, freezerV2, refuseFrozen } from "./freezer.ts";
import { joinPlace, makePlace, undoPlaces } from "./lifecycle.ts";
import { type ControllerTable, cannot, type Limits, planLimits } from "./limits.ts";
import { mountV1 } from "./mount-v1.ts";
import { findPlace, type Place, pathOrigin, refuseInhabited } from "./place.ts";

export const CONTROLLERS: ControllerTable = [
  ["cpu", cpuset],
  ["cpu", cpuV1],
  ["memory", memoryV1],
  ["pids", pids],
  ["blockIO", blkio],
  ["hugepageLimits", hugetlb],
  ["network", network],
  ["rdma", rdma],
  ["unified", unified],
];

/** Plans the cgroups of a v1 or hybrid host. */
export function planV1(request: CgroupRequest): CgroupPlan {
  const places = request.host.cgroup.hierarchies.flatMap((hierarchy) => findPlace(hierarchy, request) ?? []);
  const limits = limitsOf(request, places);
  const freezer = findFreezer(places);
  refuseFrozen(freezer, places, request.files);
  refuseInhabited(places, request);
  const cgroup2 = places.find((place) => place.hierarchy.version === 2);
  const memory = places.find((place) => place.hierarchy.controllers.includes("memory"));
  // cgroup2 first: it kills a whole cgroup at once (cgroup.kill).
  const killPath = (cgroup2 ?? withController(places, "freezer") ?? places[0])?.directory;
  return {
    create: [
      ...places.map((place) => makePlace(place, "", pathOrigin(request))),
      ...planLimits(limits, CONTROLLERS),
      ...deviceList(limits),
    ],
    join: places.map((place) => joinPlace(place, pathOrigin(request))),
    undo: undoPlaces(places, killPath, freezer, pathOrigin(request)),
    paths: pathsOf(places),
    freezer,
    oom: memory && { path: `${memory.directory}/memory.oom_control`, key: "oom_kill" },
    killPath,
    mount: (mount): Operation[] => mountV1(mount, request, places),
  };
}

function withController(places: readonly Place[], controller: string): Place | undefined {
  return places.find((place) => place.hierarchy.controllers.includes(controller));
}

function limitsOf(request: CgroupRequest, places: readonly Place[]): Limits {
  return {
    version: 1,
    resources: request.resources ?? {},
    request,
    files: request.files,
    has: (controller) => withController(places, controller) !== undefined,
    place: (controller, from) => {
      const place = withController(places, controller);
      if (place) return place;
      throw cannot(from, unavailable(request, controller));
    },
  };
}

function unavailable(request: CgroupRequest, controller: string): string {
  if (request.disabled) return "cgroups are disabled";
  const mounted = request.host.cgroup.hierarchies.some((hierarchy) => hierarchy.controllers.includes(controller));
  return mounted
    ? `rootless: no permission to make a cgroup for the ${controller} controller`
    : `the ${controller} controller is not available: no cgroup hierarchy with it is mounted`;
}

function findFreezer(places: readonly Place[]): Freezer | undefined {
  const v1 = withController(places, "freezer");
  if (v1) return freezerV1(v1.directory);
  const v2 = places.find((place) => place.hierarchy.version === 2);
  return v2 && freezerV2(v2.directory);
}

function pathsOf(places: readonly Place[]): Record<string, string> {
  const names = (place: Place) => (place.hierarchy.version === 2 ? [""] : place.hierarchy.controllers);
  return Object.fromEntries(places.flatMap((place) => names(place).map((name) => [name, place.directory])));
}
