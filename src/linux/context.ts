/** What the planners of a container work from: the request, config.json, and facts about the host. */
import type { Facts } from "../facts/facts.ts";
import type { Operation } from "../plan/operations.ts";
import type { Spec } from "../spec/generated/config.ts";
import type { CgroupEntry } from "./cgroup-entry.ts";
import type { CgroupPlan } from "./cgroups/cgroup-plan.ts";
import type { IntelRdtPlan } from "./intel-rdt.ts";
import type { Isolation } from "./namespaces.ts";

/** `create` or `run`, as asked for; every path is absolute. */
export interface ContainerRequest {
  readonly command: "create" | "run";
  readonly id: string;
  readonly bundle: string;
  readonly consoleSocket: string | undefined;
  readonly pidFile: string | undefined;
  readonly pidfdSocket: string | undefined;
  /** `run` only. */
  readonly detach: boolean;
  readonly keep: boolean;
  readonly subreaper: boolean;
  readonly pivot: boolean;
  readonly newKeyring: boolean;
  /** Descriptors after standard error that the program gets, LISTEN_FDS included. */
  readonly preserveFds: number;
  /** Of those, the ones of socket activation (sd_listen_fds(3)). */
  readonly listenFds: number;
  /** A service manager waits for the container to be ready (NOTIFY_SOCKET). */
  readonly notify: boolean;
  /** RFC 3339, UTC. */
  readonly created: string;
  /** The caller's umask. */
  readonly umask: number;
  /** The machine's name (src/kernel/seccomp.ts). */
  readonly arch: string;
  readonly version: string;
}

/** The files of a container's state directory. */
export interface StateFiles {
  /** Where all state directories are. */
  readonly root: string;
  readonly directory: string;
  /** Takes back what `create` did; written before its first effect. */
  readonly undo: string;
  /** What later commands do; written last: a container exists when this does. */
  readonly commands: string;
  /** init's pid and start time. */
  readonly identity: string;
  /** config.json as it was at `create`, with the limits of the last `update`. */
  readonly config: string;
  readonly state: string;
  /** Where init waits for `start`. */
  readonly startSocket: string;
  /** What the container sees of the state directory, where it may say that it is ready. */
  readonly notify: string;
}

export interface Context {
  readonly request: ContainerRequest;
  readonly files: StateFiles;
  readonly spec: Spec;
  /** The text of config.json. */
  readonly configText: string;
  /** Integers of config.json that JavaScript's numbers can't hold, by JSON Pointer. */
  readonly exact: (pointer: string) => bigint | undefined;
  readonly facts: Facts;
  readonly isolation: Isolation;
  readonly cgroups: CgroupPlan;
  /** How init gets into them. */
  readonly entry: CgroupEntry;
  readonly intelRdt: IntelRdtPlan;
}

/** Plans one concern. The result is in the order of execution. */
export type Planner = (context: Context) => readonly Operation[];

/** An unsigned 64-bit value of config.json, exactly. */
export function exactly(context: Pick<Context, "exact">, pointer: string, value: number): bigint {
  return context.exact(pointer) ?? BigInt(value);
}
