/** What the suite could leave on the host, where its programs and containers are cleaned up after each run. */
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cgroupsNamed } from "../harness/host.ts";
import { unmountedHierarchies } from "./hierarchies.ts";
import { PREFIX } from "./run.ts";

/** The names of cgroups that the programs ask for; else a cgroup is named by its container, whose id is a UUID. */
const CGROUP = /^(cgrouptest|testdir|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export interface Leftovers {
  readonly cgroups: readonly string[];
  /** Of cgroup v1: they outlive their mounts while they have cgroups. */
  readonly hierarchies: readonly string[];
  readonly directories: readonly string[];
}

export function lookForLeftovers(): Leftovers {
  const directories = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  return {
    cgroups: cgroupsNamed((name) => CGROUP.test(name)),
    hierarchies: unmountedHierarchies(),
    directories: directories.map((name) => join(tmpdir(), name)),
  };
}

/** What was not there before, and does not go by itself: the kernel takes a moment for its hierarchies. */
export async function leftSince(before: Leftovers): Promise<string[]> {
  const end = Date.now() + 5000;
  for (;;) {
    const now = lookForLeftovers();
    const kinds = ["cgroups", "hierarchies", "directories"] as const;
    const left = kinds.flatMap((kind) => now[kind].filter((name) => !before[kind].includes(name)));
    if (left.length === 0 || Date.now() > end) return left;
    await sleep(100);
  }
}
