/** Rules about `process`, of config.json and of the file that `exec --process` takes. */
import { pointer } from "../../base/pointer.ts";
import type { Process, Scheduler } from "../generated/config.ts";
import { integer, type Report, type Rule, type Source } from "../rule.ts";
import { checkEnvironment } from "./environment.ts";
import { listProblem } from "./number-list.ts";

/** struct winsize has 16 bits for each side. */
const MAX_CONSOLE = 65535;

export const processRules: readonly Rule<Process>[] = [
  {
    name: "args",
    section: "config.md, Process",
    reads: ["/args"],
    check({ args }, report) {
      if (args[0] === "") report("/args/0", "must name a program");
    },
  },
  {
    name: "env",
    section: "config.md, Process",
    reads: ["/env"],
    each: ["/env"],
    check({ env }, report) {
      checkEnvironment(env, "/env", report);
    },
  },
  {
    name: "console-size",
    section: "config.md, Process",
    reads: ["/terminal", "/consoleSize"],
    check({ terminal, consoleSize }, report) {
      // Without a terminal it must be ignored, whatever it says.
      if (terminal !== true || consoleSize === undefined) return;
      for (const side of ["height", "width"] as const) {
        if (consoleSize[side] > MAX_CONSOLE) report(`/consoleSize/${side}`, `must be at most ${MAX_CONSOLE}`);
      }
    },
  },
  {
    name: "rlimits",
    section: "config.md, POSIX process",
    reads: ["/rlimits"],
    each: ["/rlimits"],
    check({ rlimits }, report, source) {
      const seen = new Set<string>();
      rlimits?.forEach(({ type, soft, hard }, index) => {
        const at = pointer("/rlimits", index);
        if (seen.has(type)) report(`${at}/type`, `duplicated rlimit ${type}`);
        seen.add(type);
        const limits = [integer(source, `${at}/soft`, soft), integer(source, `${at}/hard`, hard)] as const;
        if (limits[0] > limits[1])
          report(`${at}/soft`, `the soft limit ${limits[0]} is above the hard one, ${limits[1]}`);
      });
    },
  },
  {
    name: "scheduler",
    section: "config.md, Linux Process; sched_setattr(2)",
    reads: ["/scheduler"],
    check({ scheduler }, report, source) {
      if (scheduler !== undefined) checkScheduler(scheduler, report, source);
    },
  },
  {
    name: "exec-cpu-affinity",
    section: "config.md, Linux Process",
    reads: ["/execCPUAffinity"],
    check({ execCPUAffinity }, report) {
      for (const when of ["initial", "final"] as const) {
        const problem = listProblem(execCPUAffinity?.[when]);
        if (problem !== undefined) report(`/execCPUAffinity/${when}`, problem);
      }
    },
  },
];

function checkScheduler(scheduler: Scheduler, report: Report, source: Source): void {
  const { policy, priority = 0 } = scheduler;
  const realtime = policy === "SCHED_FIFO" || policy === "SCHED_RR";
  if (realtime && priority === 0) report("/scheduler/priority", `must be from 1 to 99 with ${policy}`);
  if (!realtime && priority !== 0) report("/scheduler/priority", `must not be set with ${policy}`);
  const time = (name: "runtime" | "deadline" | "period") => integer(source, `/scheduler/${name}`, scheduler[name] ?? 0);
  if (policy !== "SCHED_DEADLINE") {
    for (const name of ["runtime", "deadline", "period"] as const) {
      if (time(name) !== 0n) report(`/scheduler/${name}`, `must not be set with ${policy}`);
    }
    return;
  }
  if (time("runtime") === 0n) report("/scheduler/runtime", `must be set with ${policy}`);
  if (time("runtime") > time("deadline")) report("/scheduler/deadline", "must not be less than runtime");
  if (time("period") !== 0n && time("deadline") > time("period")) {
    report("/scheduler/period", "must not be less than deadline");
  }
}
