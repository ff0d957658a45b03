/** The cgroup v1 hierarchies that the kernel has in use, but this host mounts nowhere. Some callers want all of them. */
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmdirSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";
import { mountsOf, read } from "./host.ts";

const CGROUPS = "/sys/fs/cgroup";

/** "hugetlb", "net_cls,net_prio" … */
export function unmountedHierarchies(): string[] {
  const mounted = mountsOf("self")
    .filter(({ type }) => type === "cgroup")
    .flatMap(({ superOptions }) => superOptions);
  const used = (read("/proc/self/cgroup") ?? "").split("\n").map((line) => line.split(":")[1] ?? "");
  return used.filter((name) => name !== "" && !name.includes("=") && !mounted.includes(name.split(",")[0] ?? ""));
}

/** The controllers that cgroup2 holds on a hybrid host: a mount of v1 takes them from there while it lasts. */
export function unifiedControllers(): string[] {
  const mount = mountsOf("self").find(({ type, target }) => type === "cgroup2" && target !== CGROUPS);
  if (mount === undefined) return [];
  return (read(join(mount.target, "cgroup.controllers")) ?? "").split(/\s+/).filter((name) => name !== "");
}

/**
 * Mounts such hierarchies beside the others, in this mount namespace, which must be private. The directories are made in a
 * tmpfs that takes the place of the host's, whose own would be seen by everybody.
 */
export function mountHierarchies(missing: readonly string[] = unmountedHierarchies()): void {
  if (missing.length === 0) return;
  const place = mkdtempSync(join(tmpdir(), "tsoci-hierarchies-"));
  const mount = (...args: readonly string[]) => execaSync("mount", args);
  mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", place);
  for (const entry of readdirSync(CGROUPS, { withFileTypes: true })) {
    const [from, to] = [join(CGROUPS, entry.name), join(place, entry.name)];
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
    if (!entry.isDirectory()) continue;
    mkdirSync(to);
    mount("--rbind", from, to);
  }
  for (const controllers of missing) {
    // Empty directories of the host that have their names were taken over already.
    mkdirSync(join(place, controllers), { recursive: true });
    mount("-t", "cgroup", "-o", controllers, "cgroup", join(place, controllers));
  }
  mount("--move", place, CGROUPS);
  rmdirSync(place);
}

/** Removes cgroups of one name, with all below, from hierarchies that only a private mount namespace had mounted. */
export function removeFromUnmounted(name: string): void {
  const script = `
    for controllers in "$@"; do
      mount -t cgroup -o "$controllers" cgroup "$PLACE" || continue
      if [ -d "$PLACE/$NAME" ]; then find "$PLACE/$NAME" -depth -type d -exec rmdir {} +; fi
      umount "$PLACE"
    done`;
  const missing = unmountedHierarchies();
  if (missing.length === 0) return;
  const place = mkdtempSync(join(tmpdir(), "tsoci-hierarchies-"));
  try {
    const command = ["--mount", "--propagation", "private", "sh", "-c", script, "sh", ...missing];
    execaSync("unshare", command, { env: { PLACE: place, NAME: name }, stdio: ["ignore", "ignore", "inherit"] });
  } finally {
    rmdirSync(place);
  }
}
