/** mounts (config.md, "Mounts" and "Linux mount options"): each entry, in the listed order. */
import { TsociError } from "../base/errors.ts";
import type { MountFlag } from "../kernel/mount-flags.ts";
import type { Operation } from "../plan/operations.ts";
import type { Context } from "./context.ts";
import { entries, filledDirectories, isBind, type MountEntry } from "./mount-entries.ts";
import { isIdMapped } from "./mount-ids.ts";
import { comesFromHost, openSource } from "./mount-sources.ts";
import { notYet } from "./not-yet.ts";

/** Filesystems over procfs: what lxcfs and its like provide; anything else could fake what the runtime writes (CVE-2019-16884). */
const ALLOWED_IN_PROC: ReadonlySet<string> = new Set([
  "/proc/cpuinfo",
  "/proc/diskstats",
  "/proc/loadavg",
  "/proc/meminfo",
  "/proc/slabinfo",
  "/proc/stat",
  "/proc/swaps",
  "/proc/sys/crypto/fips_enabled",
  "/proc/sys/kernel/ns_last_pid",
  "/proc/uptime",
]);

/**
 * What to bind from the host where the kernel refuses a new one, because its namespace belongs to the host: `joined`
 * says whether that will also do for a namespace that was joined. The host's queues and processes are not its own;
 * a sysfs differs in little but /sys/class/net.
 */
const REFUSED_IN_USER_NAMESPACES = {
  sysfs: { path: "/sys", namespace: "network", joined: true },
  mqueue: { path: "/dev/mqueue", namespace: "ipc", joined: false },
  proc: { path: "/proc", namespace: "pid", joined: false },
} as const;

/** A link in the rootfs must not lead these elsewhere (CVE-2019-19921 and its successors). */
const NEVER_THROUGH_LINKS: ReadonlySet<string> = new Set(["proc", "sysfs"]);

const CGROUP_TYPES: ReadonlySet<string> = new Set(["cgroup", "cgroup2"]);

/** init: every entry of `mounts`. */
export function planMounts(context: Context): Operation[] {
  return entries(context).flatMap((entry) => {
    refuse(entry);
    if (entry.options.remount && !isBind(entry)) return remount(entry);
    if (isBind(entry) || comesFromHost(context, entry)) return bind(context, entry);
    if (CGROUP_TYPES.has(entry.mount.type ?? "")) return cgroup(context, entry);
    return [...filesystem(context, entry), ...propagate(entry)];
  });
}

const READ_ONLY = "MOUNT_ATTR_RDONLY";

/** A tmpfs is empty: what belongs into it must come before it is read-only. */
function isReadonlyLater(context: Context, { mount, options, target }: MountEntry): boolean {
  if (mount.type !== "tmpfs" || !options.set.includes(READ_ONLY)) return false;
  return target === "/dev" || filledDirectories(context).has(target);
}

/** init: once all mount points and devices have been made. */
export function planReadonlyMounts(context: Context): Operation[] {
  return entries(context)
    .filter((entry) => !isBind(entry) && isReadonlyLater(context, entry))
    .flatMap(({ from, target }): Operation[] => [
      { op: "open_mount", from, target },
      { op: "attributes", from, set: [READ_ONLY], clear: [], propagation: [], flags: [] },
    ]);
}

/** Options and places that contradict each other, and what is never done. */
function refuse(entry: MountEntry): void {
  const { mount, options, target, from } = entry;
  const has = (name: string) => options.extensions.includes(name);
  const refused = (what: string) => new TsociError("config", what, { pointer: `${from}/options` });
  if (has("tmpcopyup") && (mount.type !== "tmpfs" || target === "/")) throw refused("tmpcopyup is for a tmpfs below /");
  const fresh = isBind(entry) && !options.remount;
  if (isIdMapped(entry) && !fresh) throw refused("idmap is for bind mounts");
  for (const name of ["copy-symlink", "src-nofollow"]) {
    if (has(name) && !fresh) throw refused(`${name} is for bind mounts`);
  }
  if (has("copy-symlink") && (has("src-nofollow") || has("dest-nofollow"))) {
    throw refused("copy-symlink excludes src-nofollow and dest-nofollow");
  }
  if (target.startsWith("/proc/") && !ALLOWED_IN_PROC.has(target)) {
    throw new TsociError("config", `"${target}" cannot be mounted because it is inside /proc`, {
      pointer: `${from}/destination`,
    });
  }
}

function bind(context: Context, entry: MountEntry): Operation[] {
  const { from, target, options } = entry;
  if (entry.options.remount) return [...remount(entry), ...propagate(entry)];
  const flags = [
    ...(target === "/proc" ? (["over_proc"] as const) : []),
    ...(target.startsWith("/proc/") ? (["in_proc"] as const) : []),
    ...(options.extensions.includes("dest-nofollow") ? (["no_follow"] as const) : []),
    ...(options.extensions.includes("copy-symlink") ? (["copy_link"] as const) : []),
  ];
  return [
    comesFromHost(context, entry) ? { op: "take", from, slot: "tree" } : openSource(context, entry),
    ...attributes(entry),
    { op: "attach", from, target, flags },
    ...propagate(entry),
  ];
}

/** What mount_setattr(2) changes; those of the mount alone come last, so that they win over the recursive ones. */
function attributes({ options, from }: MountEntry): Operation[] {
  const operations: Operation[] = [];
  if (options.recursiveSet.length + options.recursiveClear.length > 0) {
    operations.push({
      op: "attributes",
      from,
      set: options.recursiveSet,
      clear: options.recursiveClear,
      propagation: [],
      flags: ["recursive"],
    });
  }
  if (options.set.length + options.clear.length > 0) {
    operations.push({ op: "attributes", from, set: options.set, clear: options.clear, propagation: [], flags: [] });
  }
  return operations;
}

/** After attaching: a mount below a shared one is shared from then on. */
function propagate({ options, from }: MountEntry): Operation[] {
  return options.propagation.map((flags): Operation => {
    const recursive = flags.includes("MS_REC");
    const propagation = flags.filter((flag) => flag !== "MS_REC");
    return { op: "attributes", from, set: [], clear: [], propagation, flags: recursive ? ["recursive"] : [] };
  });
}

/** "remount" changes the attributes of what is mounted already. */
function remount(entry: MountEntry): Operation[] {
  const { options, from, target } = entry;
  if (options.flags.length > 0 || options.data.length > 0) {
    throw notYet(`${from}/options`, "remount with options of the filesystem");
  }
  return [{ op: "open_mount", from, target }, ...attributes(entry), ...(isBind(entry) ? [] : propagate(entry))];
}

function cgroup(context: Context, { mount, from, target, options }: MountEntry): Operation[] {
  return [
    ...context.cgroups.mount({
      type: mount.type === "cgroup2" ? "cgroup2" : "cgroup",
      target,
      from,
      readonly: options.set.includes("MOUNT_ATTR_RDONLY"),
      set: options.set.filter((attribute) => attribute !== "MOUNT_ATTR_RDONLY"),
      cgroupNamespace: context.isolation.of("cgroup") !== "shared",
    }),
  ];
}

function filesystem(context: Context, entry: MountEntry): Operation[] {
  const { mount, from, target, options } = entry;
  const type = mount.type;
  if (type === undefined) throw new TsociError("config", "a mount needs a type, or the option bind", { pointer: from });
  const source = mount.source ?? type;
  const flags: MountFlag[] = [...options.flags];
  // Only a filesystem on a device can be read-only as a whole; that of proc or sysfs is shared with other containers.
  if (source.startsWith("/") && options.set.includes("MOUNT_ATTR_RDONLY")) flags.push("MS_RDONLY");
  const operation: Operation = {
    op: "mount",
    from,
    type,
    source,
    target,
    flags,
    set: isReadonlyLater(context, entry) ? options.set.filter((attribute) => attribute !== READ_ONLY) : options.set,
    data: options.data.join(","),
    or_bind: fallback(context, type),
    options: [
      ...(NEVER_THROUGH_LINKS.has(type) ? (["no_links"] as const) : []),
      ...(options.extensions.includes("tmpcopyup") ? (["copy_up"] as const) : []),
      ...(type === "tmpfs" ? (["keep_mode"] as const) : []),
      ...(options.extensions.includes("dest-nofollow") ? (["no_follow"] as const) : []),
    ],
  };
  return [operation, ...attributes({ ...entry, options: { ...options, set: [], clear: [] } })];
}

function fallback({ isolation }: Context, type: string): string {
  if (isolation.of("user") === "shared" || !Object.hasOwn(REFUSED_IN_USER_NAMESPACES, type)) return "";
  const { path, namespace, joined } = REFUSED_IN_USER_NAMESPACES[type as keyof typeof REFUSED_IN_USER_NAMESPACES];
  const whose = isolation.of(namespace);
  return whose === "shared" || (whose === "joined" && joined) ? path : "";
}
