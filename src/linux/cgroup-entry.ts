/**
 * How a process gets into its cgroups. A write of its pid to cgroup.procs stops every fork(2) and exit(2) of the machine
 * for an RCU grace period, which may take longer than all the rest of a container's start (cgroup_threadgroup_rwsem in
 * kernel/cgroup/cgroup.c). Two ways avoid it: on v1 a thread that writes "0" to `tasks` moves only itself, and on v2
 * clone3(2) makes a child in its cgroup (CLONE_INTO_CGROUP, Linux 5.7).
 */
import type { Operation } from "../plan/operations.ts";
import { type SlotName, TASKS_SLOTS } from "../plan/slots.ts";

export interface CgroupEntry {
  /** host: before the clone; the right to enter comes with the descriptor. */
  readonly open: readonly Operation[];
  /** The cgroup of v2 in which the runtime's child is cloned; "" for the runtime's own. */
  readonly cloneInto: string;
  /** host: after the clone, what only the runtime may do. init waits for it. */
  readonly join: readonly Operation[];
  /** init: enters by the open descriptors. */
  readonly enter: readonly Operation[];
}

export interface CgroupEntryRequest {
  /** One write of the slot `pid` to cgroup.procs for each cgroup. */
  readonly join: readonly Operation[];
  /** CgroupPlan.paths: "" is the container's cgroup of v2. */
  readonly paths: Readonly<Record<string, string>>;
  /** A stage clones init, where nobody may clone into a cgroup of the host any more. */
  readonly needsStage: boolean;
}

const PROCS = "/cgroup.procs";

export function planCgroupEntry({ join, paths, needsStage }: CgroupEntryRequest): CgroupEntry {
  const unified = paths[""];
  // Where `pids` counts in a hierarchy of v1, a stage in the cgroup of v2 takes no place away from init.
  const childMayEnter = !needsStage || paths.pids !== undefined;
  const open: Operation[] = [];
  const enter: Operation[] = [];
  const rest: Operation[] = [];
  let cloneInto = "";
  for (const operation of join) {
    const directory = directoryOf(operation);
    const free: SlotName | undefined = TASKS_SLOTS[open.length];
    if (directory === undefined || operation.op !== "write" || operation.flags.length > 0) rest.push(operation);
    else if (unified !== undefined && (directory === unified || directory.startsWith(`${unified}/`))) {
      if (childMayEnter) cloneInto = directory;
      else rest.push(operation);
    } else if (free === undefined) rest.push(operation);
    else {
      const { from } = operation;
      const path = `${directory}/tasks`;
      open.push({ op: "open", from, into: free, path, open: ["O_WRONLY", "O_CLOEXEC"], flags: [] });
      enter.push({ op: "write_descriptor", from, slot: free, data: "0" }, { op: "close", from, slot: free });
    }
  }
  return { open, cloneInto, join: rest, enter };
}

function directoryOf(operation: Operation): string | undefined {
  if (operation.op !== "write" || typeof operation.path !== "string" || !operation.path.endsWith(PROCS))
    return undefined;
  return operation.path.slice(0, -PROCS.length);
}
