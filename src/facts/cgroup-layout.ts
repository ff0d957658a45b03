/** From the text of /proc/self/mountinfo and /proc/self/cgroup to the layout of cgroups (proc(5), cgroups(7)). */
import type { CgroupFacts, CgroupHierarchy, CgroupLayout } from "./facts.ts";

interface CgroupMountPoint {
  readonly version: 1 | 2;
  readonly root: string;
  readonly mount: string;
  /** v1: superblock options, which name the controllers among others. */
  readonly options: readonly string[];
}

/** Where most hosts have their cgroups; other mounts of the same hierarchy are copies for someone else. */
const USUAL = "/sys/fs/cgroup";

/**
 * Reads both files' texts. Hierarchies that are not mounted are left out: nothing can be done with them. Every start
 * of tsoci comes through here with cold code, where indexOf and loops cost a fifth of expressions and closures.
 */
export function parseCgroups(mountinfo: string, ownCgroups: string): CgroupFacts {
  const mounts = mountPoints(mountinfo);
  const v1: CgroupHierarchy[] = [];
  let cgroup2: CgroupHierarchy | undefined;
  for (const line of ownCgroups.split("\n")) {
    const hierarchy = parseLine(line, mounts);
    if (hierarchy?.version === 2) cgroup2 = hierarchy;
    // The newest hierarchy is the first line.
    else if (hierarchy) v1.unshift(hierarchy);
  }
  const layout = layoutOf(v1, cgroup2);
  // A named v1 hierarchy beside cgroup2 alone is there for old containers (force_cgroup_v1).
  if (layout === "v2") v1.length = 0;
  if (cgroup2) v1.push(cgroup2);
  return { layout, hierarchies: v1 };
}

function layoutOf(v1: readonly CgroupHierarchy[], cgroup2: CgroupHierarchy | undefined): CgroupLayout {
  if (v1.some(({ controllers }) => !controllers[0]?.startsWith("name="))) return cgroup2 ? "hybrid" : "v1";
  if (cgroup2) return "v2";
  return v1.length > 0 ? "v1" : "none";
}

/** "4:cpu,cpuacct:/path" on v1, "0::/path" for cgroup2. */
function parseLine(line: string, mounts: readonly CgroupMountPoint[]): CgroupHierarchy | undefined {
  const start = line.indexOf(":") + 1;
  const end = line.indexOf(":", start);
  if (start === 0 || end < 0) return undefined;
  const controllers = start === end ? [] : line.slice(start, end).split(",");
  const path = line.slice(end + 1);
  const chosen = choose(mounts, controllers[0], path);
  if (!chosen) return undefined;
  const { version, mount, root } = chosen;
  return { version, controllers, mount, root, own: below(root, path) };
}

/** Hosts may have thousands of mounts: only the lines about cgroups are taken apart. */
function mountPoints(mountinfo: string): CgroupMountPoint[] {
  const found: CgroupMountPoint[] = [];
  for (let at = mountinfo.indexOf(" - cgroup"); at >= 0; at = mountinfo.indexOf(" - cgroup", at + 1)) {
    const start = mountinfo.lastIndexOf("\n", at) + 1;
    const end = mountinfo.indexOf("\n", at);
    const [, , , root, mount] = mountinfo.slice(start, at).split(" ");
    const [type, , options = ""] = mountinfo.slice(at + 3, end < 0 ? undefined : end).split(" ");
    if (root === undefined || mount === undefined || (type !== "cgroup" && type !== "cgroup2")) continue;
    const version = type === "cgroup2" ? 2 : 1;
    found.push({ version, root: unescaped(root), mount: unescaped(mount), options: unescaped(options).split(",") });
  }
  return found;
}

/** The kernel writes space, tab, newline and backslash as octal numbers. */
function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** One controller, or the name, tells a v1 hierarchy. Of several mounts: the usual place, then one that shows `path`. */
function choose(
  mounts: readonly CgroupMountPoint[],
  controller: string | undefined,
  path: string,
): CgroupMountPoint | undefined {
  let best: CgroupMountPoint | undefined;
  let bestRank = -1;
  for (const candidate of mounts) {
    const { version, mount, root, options } = candidate;
    if (controller === undefined ? version !== 2 : version !== 1 || !options.includes(controller)) continue;
    const usual = mount === USUAL || mount.startsWith(`${USUAL}/`);
    const rank = (below(root, path) === null ? 0 : 2) + (usual ? 1 : 0);
    if (rank > bestRank) [best, bestRank] = [candidate, rank];
  }
  return best;
}

/** A cgroup's path below the mount point; null when it is elsewhere. */
function below(root: string, path: string): string | null {
  if (root === "/") return path === "/.." || path.startsWith("/../") ? null : path;
  if (path === root) return "/";
  return path.startsWith(`${root}/`) ? path.slice(root.length) : null;
}
