/** linux.resources.pids. Kernel: admin-guide/cgroup-v1/pids.rst, admin-guide/cgroup-v2.rst (PID). */
import { type ControllerPlanner, integer, limit, orMax } from "../limits.ts";

/** The number of tasks; negative is "max", 0 is a limit like any other (config-linux.md, PIDs). */
export const pids: ControllerPlanner = (limits) => {
  const value = limits.resources.pids?.limit;
  if (value === undefined) return [];
  const from = "/linux/resources/pids/limit";
  return [limit(limits, ["pids", "pids.max"], orMax(integer(limits, from, value)), from)];
};
