/** What a process is given by somebody with more privilege than it will have: its limits and priorities. */
import type { Operation } from "../plan/operations.ts";
import type { Process } from "../spec/generated/config.ts";
import { planIoPriority } from "./io-priority.ts";
import { generalLimits } from "./rlimits.ts";
import { planScheduler } from "./scheduler.ts";

/**
 * Who gives them. Init itself, while it is still privileged: on another user's process prlimit(2), sched_setattr(2) and
 * ioprio_set(2) take CAP_SYS_RESOURCE and CAP_SYS_NICE, which a runtime that is in a container itself seldom has. In a
 * user namespace the runtime does it, for there init has no privilege to raise anything.
 */
export function hostGives(userNamespace: boolean): boolean {
  return userNamespace;
}

/** host or init. */
export function limitsAndPriorities(
  process: Process,
  base: string,
  exact: (pointer: string) => bigint | undefined,
): Operation[] {
  return [
    ...generalLimits(process, base, exact),
    ...planScheduler(process, base, exact),
    ...planIoPriority(process, base),
  ];
}
