/** What must be gone when all containers are removed. */
import { readdirSync } from "node:fs";
import { cgroupsNamed, mountsOf, until } from "../harness/host.ts";
import type { PrivateHost } from "../harness/private-host.ts";
import { shims } from "../harness/shims.ts";

export interface Places {
  /** Where the shims have the runtime keep the states of containers. */
  readonly states: readonly string[];
  /** Below which Docker mounts root filesystems and what else containers get. */
  readonly mounts: readonly string[];
}

/** Throws when a shim, a state directory, a cgroup or a mount of a container is left. */
export async function nothingLeft(host: PrivateHost, { states, mounts }: Places): Promise<void> {
  // They end by themselves, a moment after dockerd was told so.
  await until("shims end", () => shims().length === 0, 10_000);
  // Parents that callers name are left or removed as a runtime likes.
  const ofContainer = (name: string) => /^[0-9a-f]{64}$/.test(name);
  const cgroups = cgroupsNamed((name) => name === host.name).flatMap((path) => cgroupsNamed(ofContainer, path));
  const targets = mountsOf("self").map(({ target }) => target);
  // What Docker keeps: the host's own network namespace, once a container has used it, and a root for remapped ids.
  const kept = (target: string) => /\/(netns\/default|\d+\.\d+)$/.test(target);
  const mounted = targets.filter((target) => !kept(target) && mounts.some((place) => target.startsWith(`${place}/`)));
  const left = [...states.flatMap(entries), ...cgroups, ...mounted];
  if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // There has been no container yet.
    return [];
  }
}
