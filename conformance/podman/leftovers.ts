/** Proof that the containers of a check left nothing behind. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { cgroupsNamed, isAlive, processesWith, read, until } from "../harness/host.ts";
import type { Place } from "./places.ts";

/** Names of containers' cgroups, as Podman gives them. */
const CGROUP = /^libpod-[0-9a-f]{64}$/;

/** Throws when a process, a state or a cgroup is left; processes are killed, so that later checks don't find them. */
export async function nothingLeft(place: Place): Promise<void> {
  await until("the containers' processes end", () => processesOf(place).length === 0).catch(() => undefined);
  const left = processesOf(place).map((pid) => ({ pid, command: commandLine(pid) }));
  for (const { pid } of left) process.kill(pid, "SIGKILL");
  assert.deepEqual(left, [], "processes are left");
  assert.deepEqual(entries(place.states), [], "states are left");
  const cgroups = cgroupsNamed((name) => CGROUP.test(name)).filter((path) => path.includes(`${place.cgroup}/`));
  assert.deepEqual(cgroups, [], "cgroups are left");
}

/** All but the one that holds an ordinary user's namespaces. */
function processesOf({ directory, mark }: Place): number[] {
  const pause = Number(read(join(directory, "tmp/pause.pid")) ?? 0);
  return processesWith(mark).filter((pid) => pid !== pause && isAlive(pid));
}

function commandLine(pid: number): string {
  return (read(`/proc/${pid}/cmdline`) ?? "").replaceAll("\0", " ").trimEnd();
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
