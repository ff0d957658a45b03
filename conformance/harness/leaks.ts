/** Proof that a test left nothing behind. */
import { readdirSync } from "node:fs";
import type { Test } from "tap";
import type { Box } from "./box.ts";
import { cgroupsNamed, isAlive, processesWith, read, until } from "./host.ts";

/** Other tests run at the same time: what they mount is below directories of their own. */
const OTHERS = /^\S+ \S+ \S+ \S+ \S*\/tsoci-[^ ]*/;

/** The host's mounts, but for those of other tests. */
export function hostMounts(directory: string): string[] {
  const lines = (read("/proc/self/mountinfo") ?? "").split("\n");
  return lines.filter((line) => line.includes(directory) || !OTHERS.test(line)).sort();
}

/** The containers are gone: no mount, cgroup, state directory or process of theirs is left. */
export async function nothingLeft(t: Test, box: Box): Promise<void> {
  t.strictSame(hostMounts(box.directory), box.mounts, "mounts of the host are as before");
  t.strictSame(entries(box.root), [], "the state root is empty");
  t.strictSame(
    cgroupsNamed((name) => name.includes(box.tag)),
    [],
    "no cgroup is left",
  );
  const processes = () => processesWith(box.mark).filter(isAlive);
  // A process that was killed may take a moment to go.
  await until("processes end", () => processes().length === 0, 2000).catch(() => undefined);
  t.strictSame(processes().map(describe), [], "no process is left");
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function describe(pid: number): string {
  return `${pid} ${(read(`/proc/${pid}/cmdline`) ?? "").replaceAll("\0", " ")}`;
}
