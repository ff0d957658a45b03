/** process.scheduler (config.md, "Linux Process"; sched_setattr(2)). */
import type { Operation } from "../plan/operations.ts";
import type { Process } from "../spec/generated/config.ts";

/** host or init. `base` is the pointer of the process; `exact` gives integers beyond 2^53. */
export function planScheduler(
  { scheduler }: Process,
  base: string,
  exact: (pointer: string) => bigint | undefined,
): Operation[] {
  if (scheduler === undefined) return [];
  const from = `${base}/scheduler`;
  const time = (name: "runtime" | "deadline" | "period") => exact(`${from}/${name}`) ?? scheduler[name] ?? 0;
  return [
    {
      op: "scheduler",
      from,
      policy: scheduler.policy,
      nice: scheduler.nice ?? 0,
      priority: scheduler.priority ?? 0,
      flags: scheduler.flags ?? [],
      runtime: time("runtime"),
      deadline: time("deadline"),
      period: time("period"),
    },
  ];
}
