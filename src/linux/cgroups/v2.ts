/** cgroup v2 alone. Kernel: admin-guide/cgroup-v2.rst. */
import { TsociError } from "../../base/errors.ts";
import type { CgroupHierarchy } from "../../facts/facts.ts";
import type { Operation } from "../../plan/operations.ts";
import type { CgroupPlan, CgroupRequest } from "./cgroup-plan.ts";
import { cpuV2 } from "./controllers/cpu-v2.ts";
import { cpuset } from "./controllers/cpuset.ts";
import { hugetlb } from "./controllers/hugetlb.ts";
import { io } from "./controllers/io.ts";
import { memoryV2 } from "./controllers/memory-v2.ts";
import { network } from "./controllers/network.ts";
import { pids } from "./controllers/pids.ts";
import { rdma } from "./controllers/rdma.ts";
import { unified } from "./controllers/unified.ts";
import { compileDeviceFilter } from "./devices/filter.ts";
import { DEFAULT_ORIGIN, deviceRules } from "./devices/rules.ts";
import { freezerV2, refuseFrozen } from "./freezer.ts";
import { joinPlace, makePlace, NO_CGROUPS, undoPlaces } from "./lifecycle.ts";
import { type ControllerTable, cannot, type Limits, planLimits } from "./limits.ts";
import { sourceOf } from "./mount.ts";
import { mountV2 } from "./mount-v2.ts";
import { delegate } from "./ownership.ts";
import { findPlace, type Place, pathOrigin, refuseInhabited } from "./place.ts";
import { requireController, subtreeWords } from "./subtree.ts";

/** unified comes last: what it says wins over limits that were converted. */
export const CONTROLLERS: ControllerTable = [
  ["cpu", cpuset],
  ["cpu", cpuV2],
  ["memory", memoryV2],
  ["pids", pids],
  ["blockIO", io],
  ["hugepageLimits", hugetlb],
  ["network", network],
  ["rdma", rdma],
  ["unified", unified],
];

/** Plans the cgroup of a v2 host. */
export function planV2(request: CgroupRequest): CgroupPlan {
  const hierarchy = request.host.cgroup.hierarchies.find(({ version }) => version === 2);
  if (!hierarchy) throw new TsociError("plan", "layout v2 without a cgroup2");
  const place = findPlace(hierarchy, request);
  const needed = new Set<string>();
  const limits = limitsOf(request, place, needed);
  const writes = planLimits(limits, CONTROLLERS);
  if (!place) return leftOut(hierarchy);
  const { directory } = place;
  const freezer = freezerV2(directory);
  refuseFrozen(freezer, [place], request.files);
  refuseInhabited([place], request);
  const words = subtreeWords(place, needed, request.files);
  const from = pathOrigin(request);
  return {
    create: [
      makePlace(place, words.map((word) => `+${word}`).join(" "), from),
      ...writes,
      ...deviceFilter(request, directory),
      ...delegate(request, directory),
    ],
    join: [joinPlace(place, from)],
    undo: undoPlaces([place], directory, freezer, from),
    paths: { "": directory },
    freezer,
    oom: words.includes("memory") ? { path: `${directory}/memory.events`, key: "oom_kill" } : undefined,
    killPath: directory,
    mount: (mount) => mountV2(mount, directory),
  };
}

/** The container stays where the runtime is. */
function leftOut(hierarchy: CgroupHierarchy): CgroupPlan {
  return { ...NO_CGROUPS, mount: (mount) => mountV2(mount, sourceOf(hierarchy, [])) };
}

/** Remembers in `needed` which controllers the limits ask for. */
function limitsOf(request: CgroupRequest, place: Place | undefined, needed: Set<string>): Limits {
  return {
    version: 2,
    resources: request.resources ?? {},
    request,
    files: request.files,
    has: () => place !== undefined,
    place: (controller, from) => {
      if (request.disabled) throw cannot(from, "cgroups are disabled");
      if (!place) {
        const why = "rootless needs no limits + no cgrouppath when no permission is granted for cgroups";
        throw cannot(from, why);
      }
      // The files of cgroup.* belong to no controller.
      if (controller !== "cgroup" && !needed.has(controller)) {
        requireController(place, controller, from, request.files);
        needed.add(controller);
      }
      return place;
    },
  };
}

/** Nothing restricted, nothing loaded. Loading takes privileges in the initial user namespace. */
function deviceFilter(request: CgroupRequest, cgroup: string): Operation[] {
  const config = request.resources?.devices ?? [];
  const rules = deviceRules(config);
  if (rules.base.allow && rules.rules.length === 0) return [];
  const from = config.length > 0 ? "/linux/resources/devices" : DEFAULT_ORIGIN;
  const flags = request.rootless || request.host.userNamespace ? (["optional"] as const) : [];
  return [{ op: "device_filter", from, cgroup, program: compileDeviceFilter(rules), flags }];
}
