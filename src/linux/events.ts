/** `tsoci events` without --stats: the executor watches, and asks for the statistics of each moment. */
import type { CgroupFiles } from "../facts/facts.ts";
import type { Plan } from "../plan/plan.ts";

export interface EventsContext {
  readonly id: string;
  readonly init: { readonly pid: number; readonly startTime: number };
  /** CgroupPlan.paths, as recorded at create. */
  readonly paths: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly interval: number;
  readonly files: CgroupFiles;
}

/** The line that says so has no data (CLI.md 2.3). */
export function planEvents({ id, init, paths, interval, files }: EventsContext): Plan {
  const from = "events";
  return {
    failure: "",
    failureStatus: 1,
    sections: {
      host: [
        { op: "find_process", from, into: "container", pid: init.pid, start_time: init.startTime },
        {
          op: "events",
          from,
          ...memoryFiles(paths, files),
          event: `${JSON.stringify({ type: "oom", id })}\n`,
          interval,
          question: ["tsoci", "events", "--stats", id],
        },
      ],
    },
  };
}

/** Kernel: admin-guide/cgroup-v1/memory.rst (OOM Control), admin-guide/cgroup-v2.rst (memory.events). */
function memoryFiles(paths: EventsContext["paths"], files: CgroupFiles) {
  const v1 = paths.memory;
  if (v1 !== undefined) return { file: `${v1}/memory.oom_control`, control: `${v1}/cgroup.event_control`, key: "" };
  const hybrid = Object.keys(paths).some((controller) => controller !== "");
  const v2 = hybrid ? undefined : paths[""];
  // Without the controller there is no such file, and no limit.
  if (v2 === undefined || !files.exists(`${v2}/memory.events`)) return { file: "", control: "", key: "" };
  return { file: `${v2}/memory.events`, control: "", key: "oom_kill" };
}
