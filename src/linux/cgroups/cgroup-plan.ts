/** What the planner of cgroups takes and gives, whatever the layout of the host. */
import type { CgroupFiles, HostFacts } from "../../facts/facts.ts";
import type { MountAttribute } from "../../kernel/mount-flags.ts";
import type { Operation } from "../../plan/operations.ts";
import type { Resources } from "../../spec/generated/config.ts";
import type { ManagedUnit, SystemdRequest } from "./systemd/unit.ts";

export interface CgroupRequest {
  readonly id: string;
  /** linux.cgroupsPath; absent and "" are the same. */
  readonly cgroupsPath?: string | undefined;
  /** linux.resources */
  readonly resources?: Resources | undefined;
  readonly host: HostFacts;
  readonly files: CgroupFiles;
  /** `--rootless`: without cgroupsPath and limits, a cgroup that may not be made is left out. See `rootlessCgroups`. */
  readonly rootless: boolean;
  /** `--cgroup-manager disabled`: the container stays in the cgroups of the runtime. */
  readonly disabled?: boolean;
  /** `--cgroup-manager systemd`: cgroupsPath is "SLICE:PREFIX:NAME" then. */
  readonly systemd?: SystemdRequest | undefined;
  /** LoadedSpec.exact: integers of config.json beyond 2^53, by JSON Pointer. */
  readonly exact?: ((pointer: string) => bigint | undefined) | undefined;
  /** Host uid that the cgroup is given to, when the "Cgroup ownership" rules of config-linux.md ask for it (v2 only). */
  readonly owner?: number | undefined;
}

export interface CgroupPlan {
  /** host: makes the cgroups and writes every limit, before anything joins. Also chowns, where `owner` asks for it. */
  readonly create: readonly Operation[];
  /** host: puts the slot `pid` into the cgroups; with systemd, makes and limits them, too. A cgroup namespace must be unshared after this. */
  readonly join: readonly Operation[];
  /** undo: kills what is left in the cgroup and removes what `create` made. */
  readonly undo: readonly Operation[];
  /** Controller → directory, as runc's state.json records it in `cgroup_paths`; "" is cgroup2. */
  readonly paths: Readonly<Record<string, string>>;
  /** undefined where nothing can be frozen. */
  readonly freezer: Freezer | undefined;
  /** For the operation `out_of_memory`; undefined without a memory controller. */
  readonly oom: { readonly path: string; readonly key: string } | undefined;
  /** The cgroup whose cgroup.procs lists every process of the container. */
  readonly killPath: string | undefined;
  /** The unit of systemd that owns the cgroup. */
  readonly managed?: ManagedUnit;
  /** init: what an entry of `mounts` with type "cgroup" or "cgroup2" becomes. */
  readonly mount: (request: CgroupMount) => readonly Operation[];
}

export interface Freezer {
  /** Written to freeze and to thaw; contains `frozen` while the container is paused. */
  readonly file: string;
  readonly frozen: string;
  readonly freeze: string;
  readonly thaw: string;
  /** The file that contains `text` once every process has stopped (freezing takes time). */
  readonly settled: { readonly file: string; readonly text: string };
}

export interface CgroupMount {
  /** The mount's destination in the container. */
  readonly target: string;
  readonly type: "cgroup" | "cgroup2";
  /** JSON Pointer of the entry: "/mounts/6". */
  readonly from: string;
  readonly readonly: boolean;
  /** Attributes that the options ask for beside ro; nosuid, nodev and noexec always come with them. */
  readonly set?: readonly MountAttribute[];
  /** The container gets, or joins, a cgroup namespace of its own. */
  readonly cgroupNamespace: boolean;
}

/** `tsoci exec`: which cgroups of a running container the new process (slot `pid`) joins. */
export interface CgroupJoinRequest {
  /** CgroupPlan.paths, as recorded at create. */
  readonly paths: Readonly<Record<string, string>>;
  /** Values of `--cgroup`: v2 "sub/path"; v1 "cpu,cpuacct:sub/path", several. */
  readonly subPaths: readonly string[];
  readonly host: HostFacts;
  readonly files: CgroupFiles;
  /** CgroupPlan.managed, as recorded at create. */
  readonly managed?: ManagedUnit | undefined;
  /** Text of /proc/PID/cgroup of the container's init: where to go when the container divided its cgroup (v2). */
  readonly initCgroup?: string | undefined;
}
