/** linux.resources.cpu.cpus and .mems. Kernel: admin-guide/cgroup-v1/cpusets.rst, admin-guide/cgroup-v2.rst (Cpuset). */
import { type ControllerPlanner, limit } from "../limits.ts";

const FILES = { cpus: "cpuset.cpus", mems: "cpuset.mems" } as const;

/** CPUs and memory nodes, in the list format of the kernel, which is the format of config.json. */
export const cpuset: ControllerPlanner = (limits) =>
  (["cpus", "mems"] as const).flatMap((name) => {
    const value = limits.resources.cpu?.[name];
    return value ? [limit(limits, ["cpuset", FILES[name]], value, `/linux/resources/cpu/${name}`)] : [];
  });
