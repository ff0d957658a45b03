/**
 * The cgroups of a container: one interface, a module for each layout of the host. Nothing is looked up but through
 * `request.files`, so that a plan depends on its inputs alone.
 */
import type { CgroupPlan, CgroupRequest } from "./cgroup-plan.ts";
import { NO_CGROUPS } from "./lifecycle.ts";
import { cannot } from "./limits.ts";
import { planSystemd } from "./systemd/systemd.ts";
import { planV1 } from "./v1.ts";
import { planV2 } from "./v2.ts";

/**
 * From linux.cgroupsPath and linux.resources to operations. Throws TsociError: "config" for values that contradict
 * each other or lead out of the hierarchy, "host" for what this host can't do, "state" for a frozen cgroup.
 */
export function planCgroups(request: CgroupRequest): CgroupPlan {
  const { layout } = request.host.cgroup;
  if (request.systemd) return planSystemd(request, request.systemd);
  if (layout === "none") return withoutCgroups(request);
  if (layout !== "v2") return planV1(request);
  return planV2(request);
}

/** A host without cgroups can only run what doesn't ask for any. */
function withoutCgroups(request: CgroupRequest): CgroupPlan {
  const why = "no cgroup filesystem is mounted";
  if (request.cgroupsPath && !request.disabled) throw cannot("/linux/cgroupsPath", why);
  const asked = Object.entries(request.resources ?? {}).find(([, value]) => Object.keys(value ?? {}).length > 0)?.[0];
  if (asked !== undefined && !(asked === "devices" && (request.disabled || request.rootless))) {
    throw cannot(`/linux/resources/${asked}`, why);
  }
  return {
    ...NO_CGROUPS,
    mount: (mount) => {
      throw cannot(mount.from, why);
    },
  };
}
