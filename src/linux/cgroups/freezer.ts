/** How a container is paused. Kernel: admin-guide/cgroup-v1/freezer-subsystem.rst, admin-guide/cgroup-v2.rst (cgroup.freeze). */
import { TsociError } from "../../base/errors.ts";
import type { CgroupFiles } from "../../facts/facts.ts";
import type { Freezer } from "./cgroup-plan.ts";
import type { Place } from "./place.ts";

export function freezerV1(directory: string): Freezer {
  const file = `${directory}/freezer.state`;
  // FREEZING, until every process has stopped.
  return { file, frozen: "FROZEN", freeze: "FROZEN", thaw: "THAWED", settled: { file, text: "FROZEN" } };
}

export function freezerV2(directory: string): Freezer {
  const settled = { file: `${directory}/cgroup.events`, text: "frozen 1" };
  return { file: `${directory}/cgroup.freeze`, frozen: "1", freeze: "1", thaw: "0", settled };
}

/** A container in a frozen cgroup would never run: throws TsociError "state" for one that is there already. */
export function refuseFrozen(freezer: Freezer | undefined, places: readonly Place[], files: CgroupFiles): void {
  if (!freezer || !places.some((place) => place.existed)) return;
  if (files.read(freezer.file)?.includes(freezer.frozen)) {
    throw new TsociError("state", "container's cgroup unexpectedly frozen", { pointer: "/linux/cgroupsPath" });
  }
}
