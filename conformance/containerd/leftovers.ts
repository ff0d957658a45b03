/** What must be gone when all containers are removed. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { cgroupsNamed, mountsOf, until } from "../harness/host.ts";
import type { PrivateHost } from "../harness/private-host.ts";
import { shims } from "../harness/shims.ts";

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

function entries(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch {
    // No container has ever been in this namespace.
    return [];
  }
}
