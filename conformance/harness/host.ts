/** What tests see of the host: processes, mounts, cgroups. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { patiently } from "./patience.ts";

export function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Tries until the answer is something else than undefined and false; throws after the time is up. */
export async function until<T>(what: string, probe: () => T | undefined | false, milliseconds = 5000): Promise<T> {
  const end = Date.now() + patiently(milliseconds);
  for (;;) {
    const value = probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`waited ${milliseconds} ms in vain: ${what}`);
    await sleep(5);
  }
}

export function isAlive(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  return stat !== undefined && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
}

/** "net:[4026531840]" */
export function namespaceOf(pid: number | "self", file: string): string {
  return readlinkSync(`/proc/${pid}/ns/${file}`);
}

/** The value of a line "Name:\tvalue" of /proc/PID/status. */
export function statusField(pid: number, name: string): string | undefined {
  const line = read(`/proc/${pid}/status`)
    ?.split("\n")
    .find((text) => text.startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}

/** Processes, by pid, whose environment holds this entry: the runtime's own and the container's. */
export function processesWith(entry: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && (read(`/proc/${pid}/environ`) ?? "").split("\0").includes(entry));
}

export interface MountLine {
  readonly root: string;
  readonly target: string;
  /** Of the mount: "rw,nosuid". */
  readonly options: readonly string[];
  /** "shared:1", "master:2", "unbindable" … */
  readonly propagation: readonly string[];
  readonly type: string;
  readonly source: string;
  /** Of the filesystem. */
  readonly superOptions: readonly string[];
}

/** Reads the text of a mountinfo file (proc_pid_mountinfo(5)). */
export function parseMountinfo(text: string): MountLine[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [left = "", right = ""] = line.split(" - ");
      const [, , , root = "", target = "", options = "", ...propagation] = left.split(" ");
      const [type = "", source = "", superOptions = ""] = right.split(" ");
      return {
        root,
        target,
        options: options.split(","),
        propagation: propagation.filter((word) => word !== ""),
        type,
        source,
        superOptions: superOptions.split(","),
      };
    });
}

export function mountsOf(pid: number | "self"): MountLine[] {
  return parseMountinfo(read(`/proc/${pid}/mountinfo`) ?? "");
}

const CGROUPS = "/sys/fs/cgroup";

/** Every cgroup, of any hierarchy, whose name matches. */
export function cgroupsNamed(matches: (name: string) => boolean, directory = CGROUPS): string[] {
  let entries: string[];
  try {
    entries = readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
  return entries.flatMap((name) => {
    const path = join(directory, name);
    return [...(matches(name) ? [path] : []), ...cgroupsNamed(matches, path)];
  });
}

/** The cgroup of a process in the hierarchy of a controller, as a directory; "" is cgroup v2's. */
export function cgroupOf(pid: number, controller: string): string {
  for (const line of (read(`/proc/${pid}/cgroup`) ?? "").split("\n")) {
    const [, controllers = "", ...path] = line.split(":");
    if (!controllers.split(",").includes(controller)) continue;
    const mount = mountsOf("self").find(({ type, superOptions }) =>
      controller === "" ? type === "cgroup2" : type === "cgroup" && superOptions.includes(controller),
    );
    if (mount) return join(mount.target, path.join(":"));
  }
  throw new Error(`process ${pid} has no cgroup of ${controller}`);
}
