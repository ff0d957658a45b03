/** What must be gone when all containers are removed. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { cgroupsNamed, mountsOf, read, until } from "../harness/host.ts";
import type { PrivateHost } from "../harness/private-host.ts";

/** Where the shim has the runtime keep the states of containers, by namespace of containerd. */
export const STATES = "/run/containerd/runc";

/** Throws when a shim, a state directory, a cgroup or a mount of a container is left. */
export async function nothingLeft(host: PrivateHost, namespaces: readonly string[]): Promise<void> {
  // They end by themselves, a moment after containerd was told so.
  await until("shims end", () => shims().length === 0, 10_000);
  const states = namespaces.flatMap((name) => entries(join(STATES, name)));
  const cgroups = cgroupsNamed((name) => name === host.name).flatMap((path) => cgroupsNamed(() => true, path));
  const targets = mountsOf("self").map(({ target }) => target);
  const mounts = targets.filter((target) => target.startsWith(join(host.directory, "state")));
  const left = [...states, ...cgroups, ...mounts];
  if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
}

/** The command lines of shims, by pid. */
export function shims(): { pid: number; words: string[] }[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const processes = pids.map((pid) => ({ pid: Number(pid), words: (read(`/proc/${pid}/cmdline`) ?? "").split("\0") }));
  return processes.filter(({ words }) => words[0]?.endsWith("containerd-shim-runc-v2"));
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch {
    // No container has ever been in this namespace.
    return [];
  }
}
