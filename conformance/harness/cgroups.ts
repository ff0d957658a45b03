/** Where this host has its cgroups. */
import { cgroupOf, mountsOf, read } from "./host.ts";

export const UNIFIED = mountsOf("self").some(({ target, type }) => target === "/sys/fs/cgroup" && type === "cgroup2");
export const HIERARCHIES = mountsOf("self").filter(({ type }) => type === "cgroup" || type === "cgroup2");

export function has(controller: string): boolean {
  if (UNIFIED) return (read("/sys/fs/cgroup/cgroup.controllers") ?? "").split(/\s/).includes(controller);
  return HIERARCHIES.some(({ superOptions }) => superOptions.includes(controller));
}

export const without = (controller: string) => (has(controller) ? false : `this host has no ${controller} controller`);

/** Containers can be paused: the controller of v1, or cgroup v2, which always can. */
export const canFreeze = has("freezer") || HIERARCHIES.some(({ type }) => type === "cgroup2");

/** The cgroup of a process in the hierarchy of a controller. */
export const place = (pid: number, controller: string) => cgroupOf(pid, UNIFIED ? "" : controller);
