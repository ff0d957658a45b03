/** process.scheduler and process.ioPriority: from config.json to the calls. */
import { test } from "tap";
import type { Process } from "../spec/generated/config.ts";
import { planIoPriority } from "./io-priority.ts";
import { planScheduler } from "./scheduler.ts";
import { PROCESS } from "./testing/context.ts";

const process = (part: Partial<Process>): Process => ({ ...PROCESS, ...part });
const nothing = () => undefined;

test("what is not set is 0", async (t) => {
  t.same(planScheduler(PROCESS, "/process", nothing), []);
  t.same(planScheduler(process({ scheduler: { policy: "SCHED_IDLE" } }), "/process", nothing), [
    {
      op: "scheduler",
      from: "/process/scheduler",
      policy: "SCHED_IDLE",
      nice: 0,
      priority: 0,
      flags: [],
      runtime: 0,
      deadline: 0,
      period: 0,
    },
  ]);
});

test("nanoseconds are exact", async (t) => {
  const scheduler = { policy: "SCHED_DEADLINE", runtime: 1, deadline: 2 ** 60, period: 2 ** 60 } as const;
  const exact = (pointer: string) => (pointer === "/scheduler/period" ? 2n ** 60n + 1n : undefined);
  t.match(planScheduler(process({ scheduler }), "", exact), [
    { runtime: 1, deadline: 2 ** 60, period: 2n ** 60n + 1n, from: "/scheduler" },
  ]);
});

test("I/O priority", async (t) => {
  t.same(planIoPriority(PROCESS, "/process"), []);
  t.same(planIoPriority(process({ ioPriority: { class: "IOPRIO_CLASS_IDLE", priority: 3 } }), "/process"), [
    { op: "io_priority", from: "/process/ioPriority", class: "IOPRIO_CLASS_IDLE", priority: 3 },
  ]);
});
