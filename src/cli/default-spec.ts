/**
 * The configuration that `tsoci spec` writes: the one that runc's users know, with the masked paths of Docker, too.
 * Data only; what depends on the host comes in by `DefaultSpecFacts`.
 */
import { SPECIFICATION } from "../base/specification.ts";
import type { IDMapping, Linux, Mount, Namespace, Process, Spec } from "../spec/generated/config.ts";

export interface DefaultSpecFacts {
  /** The host has cgroup v2 only. */
  readonly cgroup2: boolean;
  /** The user for whom the container runs, where that is not root. */
  readonly rootless: { readonly uid: number; readonly gid: number } | undefined;
}

/** An example config.json: `sh` in a read-only root filesystem, with few capabilities and no devices of the host. */
export function defaultSpec(facts: DefaultSpecFacts): Spec {
  return {
    ociVersion: SPECIFICATION,
    process: PROCESS,
    root: { path: "rootfs", readonly: true },
    hostname: "tsoci",
    mounts: facts.rootless ? MOUNTS.map(rootlessMount) : MOUNTS,
    linux: linux(facts),
  };
}

const CAPABILITIES = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];

const PROCESS: Process = {
  terminal: true,
  user: { uid: 0, gid: 0 },
  args: ["sh"],
  env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
  cwd: "/",
  capabilities: { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES },
  rlimits: [{ type: "RLIMIT_NOFILE", hard: 1024, soft: 1024 }],
  noNewPrivileges: true,
};

const MOUNTS: readonly Mount[] = [
  { destination: "/proc", type: "proc", source: "proc" },
  {
    destination: "/dev",
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
  },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
  },
  {
    destination: "/dev/shm",
    type: "tmpfs",
    source: "shm",
    options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"],
  },
  { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
  { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
  {
    destination: "/sys/fs/cgroup",
    type: "cgroup",
    source: "cgroup",
    options: ["nosuid", "noexec", "nodev", "relatime", "ro"],
  },
];

/** What a user namespace with a single user, in the network namespace of the host, can't mount otherwise. */
function rootlessMount(mount: Mount): Mount {
  if (mount.destination === "/sys") {
    // Only the owner of a network namespace may mount its sysfs.
    return { ...mount, type: "none", source: "/sys", options: ["rbind", ...(mount.options ?? [])] };
  }
  // Users other than 0 are not mapped.
  return mount.options ? { ...mount, options: mount.options.filter((option) => !/^[ug]id=/.test(option)) } : mount;
}

/** Tell about the host, or let it be disturbed: what runc and Docker hide. */
const MASKED_PATHS = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
  "/sys/devices/virtual/tpm",
];

const READONLY_PATHS = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

function linux({ cgroup2, rootless }: DefaultSpecFacts): Linux {
  const common: Linux = {
    namespaces: namespaces(cgroup2, rootless !== undefined),
    maskedPaths: MASKED_PATHS,
    readonlyPaths: READONLY_PATHS,
  };
  if (rootless) return { uidMappings: single(rootless.uid), gidMappings: single(rootless.gid), ...common };
  return { resources: { devices: [{ allow: false, access: "rwm" }] }, ...common };
}

function namespaces(cgroup2: boolean, rootless: boolean): Namespace[] {
  return [
    { type: "pid" },
    ...(rootless ? [] : [{ type: "network" } as const]),
    { type: "ipc" },
    { type: "uts" },
    { type: "mount" },
    // As runc: containers of v1 hosts have always seen the host's cgroup paths.
    ...(cgroup2 ? [{ type: "cgroup" } as const] : []),
    ...(rootless ? [{ type: "user" } as const] : []),
  ];
}

function single(hostID: number): IDMapping[] {
  return [{ containerID: 0, hostID, size: 1 }];
}
