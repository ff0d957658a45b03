/** What `start`, `state`, `kill`, `pause`, `resume` and `delete` do: known at `create`, and stored with the container. */

import { SIGNALS } from "../kernel/signals.ts";
import type { Operation } from "../plan/operations.ts";
import type { Plan } from "../plan/plan.ts";
import type { Freezer } from "./cgroups/cgroup-plan.ts";
import type { Context, StateFiles } from "./context.ts";
import { planHooks } from "./hooks.ts";
import { listenForReady, waitUntilReady } from "./notify.ts";
import { stateOutput } from "./record.ts";
import { unmountRoot } from "./rootfs.ts";
import { sendInit } from "./seccomp/agent.ts";

const from = "state";

interface Thawing {
  readonly freezer: string;
  readonly thaw: string;
}

/** The files of the freezer that `kill` and `thaw` take; "" where nothing can be frozen. */
function thawing({ cgroups: { freezer } }: Context): Thawing {
  return { freezer: freezer?.file ?? "", thaw: freezer?.thaw ?? "" };
}

/** What `freeze` takes. */
function freezing(freezer: Freezer) {
  const { file, freeze, thaw, settled } = freezer;
  return { freezer: file, freeze, settled: settled.file, frozen: settled.text, thaw };
}

function killInit(from: string, { freezer, thaw }: Thawing): Operation {
  return { op: "kill", from, signal: SIGNALS.SIGKILL, freezer, thaw, flags: ["wait", "missing_ok"] };
}

/** Destroys the container, whatever is left of it. Every operation may run twice, and on what is half made. */
export function destroy(files: StateFiles, thawing: Thawing, made: readonly Operation[]): Operation[] {
  return [
    { op: "identity", from, path: files.identity, mode: "load" },
    killInit("undo", thawing),
    ...made,
    // Last: while it is there, `delete --force` can be called again.
    { op: "remove", from: "undo", path: files.directory, flags: ["recursive"] },
  ];
}

function findStatus({ files, cgroups }: Context): Operation[] {
  const { freezer } = cgroups;
  return [
    { op: "identity", from, path: files.identity, mode: "load" },
    {
      op: "status",
      from,
      freezer: freezer?.file ?? "",
      frozen: freezer?.frozen ?? "",
      start_socket: files.startSocket,
    },
  ];
}

type Refusal = Extract<Operation, { op: "refuse" }>;

function refuse(from: string, when: Refusal["when"], message: string): Operation {
  return { op: "refuse", from, when, message, flags: [] };
}

function start(context: Context): Operation[] {
  const { files, spec } = context;
  const refusals = [
    ...findStatus(context),
    refuse("start", ["stopped"], "cannot start a container that has stopped"),
    refuse("start", ["running"], "cannot start an already running container"),
    refuse("start", ["paused"], "cannot start a container in the paused state"),
  ];
  if (spec.process === undefined) {
    const message = "cannot start a container without a process: /process was not set at create";
    return [...refusals, refuse("/process", ["created"], message)];
  }
  return [
    ...refusals,
    ...listenForReady(context),
    { op: "meet_init", from: "start", socket: files.startSocket, directory: files.directory },
    // Whoever asks after a start that failed must find the container stopped.
    { op: "on_failure", from: "start", sections: ["abandon"] },
    ...sendInit(context),
    { op: "start", from: "/process/args", socket: files.startSocket },
    // runtime.md, step 9: a failing poststart hook ends the container.
    { op: "on_failure", from: "/hooks/poststart", sections: ["undo", "poststop"] },
    ...planHooks(context, "poststart"),
    ...waitUntilReady(context),
  ];
}

/** With SIGKILL, every process of the container. */
function killAll(context: Context): Operation[] {
  const path = context.cgroups.killPath;
  if (path === undefined) return [];
  return [{ op: "kill_cgroup", from: "kill", path, ...thawing(context), flags: ["if_signal_is_kill"] }];
}

function signalInit(context: Context): Operation {
  return { op: "kill", from: "kill", signal: 0, ...thawing(context), flags: ["slot", "missing_ok"] };
}

function kill(context: Context): Operation[] {
  // Where the pid namespace is not the container's own, its processes outlive init: SIGKILL is for all of them.
  const outlive = context.isolation.of("pid") !== "new";
  return [
    ...findStatus(context),
    ...(outlive ? killAll(context) : []),
    refuse("kill", ["stopped"], "container not running"),
    signalInit(context),
    ...(outlive ? [] : killAll(context)),
  ];
}

/** `kill --all`: it is no error that nobody is there any more. Without a cgroup only init is known. */
function killEverybody(context: Context): Operation[] {
  const { freezer, killPath: path } = context.cgroups;
  const from = "kill --all";
  if (path === undefined) return [...findStatus(context), signalInit(context)];
  const files = freezer ? freezing(freezer) : { freezer: "", freeze: "", settled: "", frozen: "", thaw: "" };
  return [...findStatus(context), ...killAll(context), { op: "signal_cgroup", from, path, ...files }];
}

const NO_FREEZER = "the container has no cgroup of its own that could be frozen";

function pause(context: Context): Operation[] {
  const { freezer } = context.cgroups;
  return [
    ...findStatus(context),
    refuse("pause", ["stopped"], "container not running"),
    refuse("pause", ["paused"], "container already paused"),
    freezer
      ? { op: "freeze", from: "pause", ...freezing(freezer) }
      : refuse("pause", ["created", "running"], NO_FREEZER),
  ];
}

function resume(context: Context): Operation[] {
  return [
    ...findStatus(context),
    refuse("resume", ["created", "running", "stopped"], "container not paused"),
    { op: "thaw", from: "resume", ...thawing(context) },
  ];
}

function remove(context: Context): Operation[] {
  return [
    ...findStatus(context),
    {
      op: "refuse",
      from: "delete",
      when: ["created", "running", "paused"],
      message: [
        "cannot delete container ",
        context.request.id,
        " that is not stopped: ",
        { slot: "status" },
        " (use --force)",
      ],
      flags: ["unless_force"],
    },
    { op: "replay", from: "delete", section: "undo", flags: ["every"] },
    { op: "replay", from: "delete", section: "poststop", flags: ["every"] },
  ];
}

/** The plan of the commands after `create`; what undoes a failing `create` is part of it. */
export function laterPlan(context: Context) {
  return {
    failure: "",
    failureStatus: 1,
    sections: {
      start: start(context),
      abandon: [killInit("start", thawing(context))],
      state: [...findStatus(context), { op: "print", from: "state", descriptor: 1, text: stateOutput(context) }],
      kill: kill(context),
      kill_all: killEverybody(context),
      pause: pause(context),
      resume: resume(context),
      delete: remove(context),
      undo: destroy(context.files, thawing(context), [
        ...context.cgroups.undo,
        ...context.intelRdt.undo,
        ...unmountRoot(context),
      ]),
      poststop: planHooks(context, "poststop"),
    },
  } satisfies Plan;
}
