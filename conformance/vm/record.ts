/**
 * Prints what planners see of the host that this runs on, as src/facts/fixtures have it: guest/record calls it in the
 * machine, in the cgroup and as the user that the fixture is about.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { hostFiles, probeHost } from "../../src/facts/host.ts";
import type { RecordedHost } from "../../src/facts/recorded.ts";

const ROOT = "/sys/fs/cgroup";
/** Of every cgroup. */
const FILES = ["cgroup.controllers", "cgroup.subtree_control", "cgroup.procs", "cgroup.events"] as const;
/** Of the kernel: the first is read, of the others it counts that they are there. */
const READ = ["/sys/kernel/cgroup/delegate"] as const;
const THERE = [
  ...["64kB", "2048kB", "32768kB", "1048576kB"].map((size) => `/sys/kernel/mm/hugepages/hugepages-${size}`),
  `${ROOT}/io.cost.qos`,
  "/run/systemd/system",
  ...["busctl", "systemctl"].map((name) => `/usr/bin/${name}`),
] as const;

function cgroupsBelow(directory: string): string[] {
  const children = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return [directory, ...children.flatMap((name) => cgroupsBelow(join(directory, name)))];
}

/** Pids differ from boot to boot: one stands for any. */
function text(path: string): string | undefined {
  const read = hostFiles.read(path);
  return path.endsWith("/cgroup.procs") && read ? "1\n" : read;
}

function record(): RecordedHost {
  const cgroups = cgroupsBelow(ROOT);
  const paths = [...cgroups.flatMap((cgroup) => FILES.map((file) => join(cgroup, file))), ...READ];
  const files: Record<string, string | null> = {};
  for (const path of paths) {
    const content = text(path);
    if (content !== undefined) files[path] = content;
  }
  for (const path of THERE) if (hostFiles.exists(path)) files[path] = null;
  const mayWrite = cgroups.filter((path) => hostFiles.writable(path));
  const writable = mayWrite.filter((path) => !mayWrite.some((other) => path.startsWith(`${other}/`)));
  return { host: probeHost(), files, writable };
}

console.log(JSON.stringify(record(), undefined, 2));
