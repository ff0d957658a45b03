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

/** Reads both files' texts. Hierarchies that are not mounted are left out: nothing can be done with them. */
export function parseCgroups(mountinfo: string, ownCgroups: string): CgroupFacts {
  const mounts = mountPoints(mountinfo);
  const hierarchies: CgroupHierarchy[] = [];
  let cgroup2: CgroupHierarchy | undefined;
  for (const { controllers, path } of ownLines(ownCgroups)) {
    const version = controllers.length === 0 ? 2 : 1;
    const mount = choose(mounts, version, controllers, path);
    if (!mount) continue;
    const hierarchy = {
      version,
      controllers,
      mount: mount.mount,
      root: mount.root,
      own: below(mount.root, path),
    } as const;
    if (version === 2) cgroup2 = hierarchy;
    else hierarchies.push(hierarchy);
  }
  const layout = layoutOf(hierarchies, cgroup2);
  return { layout, hierarchies: [...(layout === "v2" ? [] : hierarchies.toReversed()), ...(cgroup2 ? [cgroup2] : [])] };
}

/** A v1 hierarchy with a name but no controllers, beside cgroup2, is there for old containers (force_cgroup_v1). */
function layoutOf(v1: readonly CgroupHierarchy[], cgroup2: CgroupHierarchy | undefined): CgroupLayout {
  if (v1.some(({ controllers }) => controllers.some((name) => !name.startsWith("name="))))
    return cgroup2 ? "hybrid" : "v1";
  if (cgroup2) return "v2";
  return v1.length > 0 ? "v1" : "none";
}

/** "4:cpu,cpuacct:/path" on v1, "0::/path" for cgroup2. The newest hierarchy is the first line. */
function* ownLines(text: string): Generator<{ controllers: string[]; path: string }> {
  for (const line of text.split("\n")) {
    const [, names, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (names === undefined || path === undefined) continue;
    yield { controllers: names === "" ? [] : names.split(","), path };
  }
}

/** Hosts may have thousands of mounts: only the lines about cgroups are taken apart. */
function mountPoints(mountinfo: string): CgroupMountPoint[] {
  const found: CgroupMountPoint[] = [];
  for (let at = mountinfo.indexOf(" - cgroup"); at >= 0; at = mountinfo.indexOf(" - cgroup", at + 1)) {
    const start = mountinfo.lastIndexOf("\n", at) + 1;
    const end = mountinfo.indexOf("\n", at);
    const [, , , root, mount] = mountinfo.slice(start, at).split(" ");
    const [type, , options] = mountinfo.slice(at + 3, end < 0 ? undefined : end).split(" ");
    if (root === undefined || mount === undefined || (type !== "cgroup" && type !== "cgroup2")) continue;
    found.push({
      version: type === "cgroup2" ? 2 : 1,
      root: unescaped(root),
      mount: unescaped(mount),
      options: unescaped(options ?? "").split(","),
    });
  }
  return found;
}

/** The kernel writes space, tab, newline and backslash as octal numbers. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Of several mounts of one hierarchy: the usual place first, then one that shows the runtime's own cgroup. */
function choose(
  mounts: readonly CgroupMountPoint[],
  version: 1 | 2,
  controllers: readonly string[],
  path: string,
): CgroupMountPoint | undefined {
  const same = mounts.filter(
    (mount) => mount.version === version && controllers.every((name) => mount.options.includes(name)),
  );
  const usual = same.filter(({ mount }) => mount === USUAL || mount.startsWith(`${USUAL}/`));
  const visible = (mount: CgroupMountPoint) => below(mount.root, path) !== null;
  return usual.find(visible) ?? same.find(visible) ?? usual[0] ?? same[0];
}

/** A cgroup's path below the mount point; null when it is elsewhere. */
function below(root: string, path: string): string | null {
  if (root === "/") return /^\/\.\.(\/|$)/.test(path) ? null : path;
  if (path === root) return "/";
  return path.startsWith(`${root}/`) ? path.slice(root.length) : null;
}
