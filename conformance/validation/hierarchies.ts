/** The hierarchies of cgroup v1 that this machine has, could have, and has without a mount. */
import { mountsOf, read } from "../harness/host.ts";

/** Controllers that have a mounted hierarchy of cgroup v1 in /sys/fs/cgroup. */
export function mountedHierarchies(): string[] {
  return mountsOf("self")
    .filter(({ type, target }) => type === "cgroup" && target.startsWith("/sys/fs/cgroup/"))
    .flatMap(({ superOptions }) => superOptions);
}

/** Those that the kernel has in use, mounted elsewhere or nowhere. */
export function unmountedHierarchies(): string[] {
  const lines = (read("/proc/self/cgroup") ?? "").split("\n").map((line) => line.split(":")[1] ?? "");
  const inUse = lines.filter((names) => names !== "" && !names.includes("="));
  return inUse.flatMap((names) => names.split(",")).filter((name) => !mountedHierarchies().includes(name));
}

/** Controllers that the kernel can give a hierarchy of cgroup v1 (proc_cgroups: name, hierarchy, cgroups, enabled). */
export function kernelHierarchies(): string[] {
  const lines = (read("/proc/cgroups") ?? "").split("\n").map((line) => line.split("\t"));
  return lines.filter(([, , , enabled]) => enabled === "1").map(([name]) => name ?? "");
}

/** cgroup v2 alone. */
export const isUnified = () =>
  mountsOf("self").some(({ type, target }) => type === "cgroup2" && target === "/sys/fs/cgroup");
