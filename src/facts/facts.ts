/** What plans depend on beside the request and config.json: facts about this host, as plain values. */

/**
 * The part of the host that is the same for every container. A plain JSON value: tests record it (fixtures/*.json).
 * `probeHost` fills the dearer members only when they are read.
 */
export interface HostFacts {
  readonly euid: number;
  readonly egid: number;
  /** uname(2) release: "6.18.44-fc". */
  readonly kernel: string;
  readonly cgroup: CgroupFacts;
  /** CapBnd of the runtime: hexadecimal, without prefix. `BigInt("0x" + bounding)`. */
  readonly bounding: string;
  /** The runtime is in a user namespace: its id map is not the whole one. */
  readonly userNamespace: boolean;
  readonly securityModules: SecurityModules;
}

export interface SecurityModules {
  readonly apparmor: boolean;
  readonly selinux: boolean;
}

/**
 * v1: one hierarchy per controller. hybrid: the same, with a cgroup2 beside that has no controllers. v2: cgroup2 alone.
 * none: no cgroup filesystem is mounted.
 */
export type CgroupLayout = "v1" | "hybrid" | "v2" | "none";

export interface CgroupFacts {
  readonly layout: CgroupLayout;
  /** In the order of mounting; the cgroup2 of a hybrid host is last. Named v1 hierarchies of a v2 host are left out. */
  readonly hierarchies: readonly CgroupHierarchy[];
}

export interface CgroupHierarchy {
  readonly version: 1 | 2;
  /** v1: ["cpu", "cpuacct"], or ["name=systemd"]. v2: [], for its controllers differ from cgroup to cgroup. */
  readonly controllers: readonly string[];
  /** Where it is mounted: "/sys/fs/cgroup/cpu,cpuacct". */
  readonly mount: string;
  /** Which cgroup of the hierarchy stands at the mount point; "/" but in containers. */
  readonly root: string;
  /** The runtime's own cgroup, below the mount point: "/" or "/system.slice/x". null when the mount doesn't show it. */
  readonly own: string | null;
}

/** Read-only looks at what depends on the container: does its cgroup exist, which controllers has the parent, … */
export interface CgroupFiles {
  exists(path: string): boolean;
  /** The whole text of a small file; undefined when it can't be read. */
  read(path: string): string | undefined;
  /** access(2) with W_OK. */
  writable(path: string): boolean;
}

export interface Facts {
  readonly host: HostFacts;
  readonly files: CgroupFiles;
}
