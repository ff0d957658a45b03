/** `tsoci events`: what a container uses, and when it runs out of memory. */
import { TsociError } from "../base/errors.ts";
import { exactJson } from "../base/exact-json.ts";
import { hostFiles } from "../facts/host.ts";
import { statistics } from "../linux/cgroups/statistics.ts";
import { planEvents } from "../linux/events.ts";
import type { Plan } from "../plan/plan.ts";
import { findContainer } from "../state/containers.ts";
import type { RequestOf } from "./declaration.ts";
import type { Surroundings } from "./main.ts";
import { printing } from "./printing.ts";

export function events({ args: { id }, flags }: RequestOf<"events">, { root }: Surroundings): Plan {
  const { status, pid, recorded } = findContainer(root, id);
  if (status === "stopped") throw new TsociError("state", `container with id ${id} is not running`);
  const paths = recorded.cgroup_paths;
  if (flags.stats)
    return printing(`${exactJson({ type: "stats", id, data: statistics(paths, hostFiles) })}\n`, "events");
  return planEvents({
    id,
    init: { pid, startTime: recorded.init_process_start },
    paths,
    interval: flags.interval,
    files: hostFiles,
  });
}
