/**
 * Every wait has its wake on the other side, every descriptor that is handed over is taken, and all in one order.
 *
 * The two sides of a plan talk over one socket (src/executor/sync.c): what one sends the other receives in that order,
 * and gets an error for anything else than it waits for. So the plan is carried out here with nothing but its messages.
 * Queues hold a single message: what ends with these ends with longer ones too.
 *
 * One thing is not decided by the plan. The stage tells `cloned` after it has cloned init, and init may already have
 * sent something over the same socket. Both orders are tried: `cloned` at once, and as late as it can be.
 */
import type { Operation } from "../operations.ts";
import type { Plan } from "../plan.ts";
import { type Check, find, type Step, stepsOf } from "./walk.ts";

type Event =
  | { readonly kind: "send" | "receive"; readonly message: string; readonly at: string; readonly late?: boolean }
  | { readonly kind: "start"; readonly into: "stage" | "init"; readonly at: string };

interface Process {
  readonly inbox: string[];
  readonly outbox: string[];
  readonly events: readonly Event[];
  position: number;
  running: boolean;
}

type Schedule = "early" | "late";

export const meetings: Check = (plan) => {
  const host = stepsOf(plan, "host").flatMap(hostEvents);
  const stage = stepsOf(plan, "stage").flatMap(stageEvents);
  const steps = stepsOf(plan, "init");
  const start = find(steps, "await_start");
  const init = steps.slice(0, start < 0 ? steps.length : start).flatMap(initEvents);
  const problems = [
    ...(start < 0 ? [] : aftermath(plan, steps.slice(start))),
    ...simulate({ host, stage, init }, "early"),
    ...simulate({ host, stage, init }, "late"),
  ];
  return [...new Set(problems)];
};

/** After await_start init talks to `tsoci start`, and no longer to the runtime. */
function aftermath({ later }: Plan, init: readonly Step[]): string[] {
  // A container without a process is never started.
  if (find(init, "exec") < 0) return [];
  const start = later === undefined ? [] : stepsOf(later, "start");
  if (find(start, "meet_init") < 0) return ["init: waits for start, and no stored command starts it"];
  return simulate({ host: start.flatMap(hostEvents), stage: [], init: init.flatMap(initEvents) }, "early");
}

function eventsOf(operation: Operation, at: string): Event[] {
  switch (operation.op) {
    case "wake":
      return [{ kind: "send", message: operation.step, at }];
    case "wait":
      return [{ kind: "receive", message: operation.step, at }];
    case "give":
      return [{ kind: "send", message: `the descriptor ${operation.slot}`, at }];
    case "take":
      return [{ kind: "receive", message: `the descriptor ${operation.slot}`, at }];
    case "await_exec":
    case "start":
      return [
        { kind: "receive", message: "executing", at },
        { kind: "send", message: "go", at },
      ];
    default:
      return [];
  }
}

/** Of the runtime, and of `tsoci start`. */
function hostEvents({ operation, at }: Step): Event[] {
  if (operation.op === "meet_init") return [{ kind: "start", into: "init", at }];
  if (operation.op === "clone") return [{ kind: "start", into: operation.into, at }];
  return eventsOf(operation, at);
}

function stageEvents({ operation, at }: Step): Event[] {
  if (operation.op !== "clone") return eventsOf(operation, at);
  return [
    { kind: "start", into: "init", at },
    { kind: "send", message: "cloned", at, late: true },
  ];
}

function initEvents({ operation, at }: Step): Event[] {
  const listens = "SECCOMP_FILTER_FLAG_NEW_LISTENER";
  if (operation.op === "seccomp" && operation.flags.includes(listens)) {
    return [{ kind: "send", message: "the descriptor seccomp_listener", at }];
  }
  if (operation.op !== "exec") return eventsOf(operation, at);
  return [
    { kind: "send", message: "executing", at },
    { kind: "receive", message: "go", at },
  ];
}

type Side = "host" | "stage" | "init";

function simulate(events: Readonly<Record<Side, readonly Event[]>>, schedule: Schedule): string[] {
  const toHost: string[] = [];
  const toChild: string[] = [];
  const child = (events: readonly Event[]): Process => {
    return { inbox: toChild, outbox: toHost, events, position: 0, running: false };
  };
  const host: Process = {
    inbox: toHost,
    outbox: toChild,
    events: events.host,
    position: 0,
    running: true,
  };
  const stage = child(events.stage);
  const init = child(events.init);
  const processes = { host, stage, init };
  const turns = Object.values(processes);
  for (;;) {
    const outcomes = turns.map((process) => advance(process, processes, schedule));
    const problem = outcomes.find((outcome) => outcome !== "stuck" && outcome !== "advanced");
    if (problem !== undefined) return [problem];
    if (outcomes.includes("advanced")) continue;
    // Nobody else can go on: now what was put off happens.
    if (schedule === "late" && advance(stage, processes, "early") === "advanced") continue;
    return leftovers(processes);
  }
}

type Outcome = "stuck" | "advanced" | (string & {});

/** One event of one process. */
function advance(
  process: Process,
  processes: Readonly<Record<"stage" | "init", Process>>,
  schedule: Schedule,
): Outcome {
  const event = process.events[process.position];
  if (!process.running || event === undefined) return "stuck";
  if (event.kind === "start") {
    processes[event.into].running = true;
  } else if (event.kind === "send") {
    if (process.outbox.length > 0 || (event.late === true && schedule === "late")) return "stuck";
    process.outbox.push(event.message);
  } else {
    const got = process.inbox.shift();
    if (got === undefined) return "stuck";
    if (got !== event.message) return `${event.at}: waits for ${event.message} and gets ${got}`;
  }
  process.position++;
  return "advanced";
}

/** What is left when nobody can go on. */
function leftovers(processes: Readonly<Record<Side, Process>>): string[] {
  const { host } = processes;
  const problems = Object.entries(processes).flatMap(([name, { events, position, running }]) => {
    const event = events[position];
    if (event === undefined) return [];
    if (!running) return [`${name}: is never started`];
    return event.kind === "receive"
      ? [`${event.at}: nobody tells ${event.message}`]
      : [`${event.at}: nobody waits for it`];
  });
  if (problems.length > 0) return problems;
  const unread = [
    ...host.inbox.map((message) => `host: never waits for ${message}, which the other side tells`),
    ...host.outbox.map((message) => `the other side never waits for ${message}, which the host tells`),
  ];
  return unread;
}
