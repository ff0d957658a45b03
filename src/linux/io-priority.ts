/** process.ioPriority (config.md, "Linux Process"; ioprio_set(2)). */
import type { Operation } from "../plan/operations.ts";
import type { Process } from "../spec/generated/config.ts";

/** host or init. The process is the whole of its process group yet: whatever it starts inherits the priority. */
export function planIoPriority({ ioPriority }: Process, base: string): Operation[] {
  if (ioPriority === undefined) return [];
  return [{ op: "io_priority", from: `${base}/ioPriority`, class: ioPriority.class, priority: ioPriority.priority }];
}
