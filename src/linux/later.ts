/** What `start`, `state`, `kill` and `delete` do: known at `create`, and stored with the container. */

import { SIGNALS } from "../kernel/signals.ts";
import type { Operation } from "../plan/operations.ts";
import type { Plan } from "../plan/plan.ts";
import type { Context } from "./context.ts";
import { planHooks } from "./hooks.ts";
import { stateOutput } from "./record.ts";
import { unmountRoot } from "./rootfs.ts";

const from = "state";

/** Destroys the container, whatever is left of it. Every operation may run twice, and on what is half made. */
function destroy(context: Context): Operation[] {
  const { files, cgroups } = context;
  return [
    { op: "identity", from, path: files.identity, mode: "load" },
    { op: "kill", from: "undo", signal: SIGNALS.SIGKILL, flags: ["wait", "missing_ok"] },
    ...cgroups.undo,
    ...unmountRoot(context),
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

function start(context: Context): Operation[] {
  const { files, spec } = context;
  const refuse = (when: "running" | "stopped" | "paused", message: string): Operation => ({
    op: "refuse",
    from: "start",
    when: [when],
    message,
    flags: [],
  });
  return [
    ...findStatus(context),
    refuse("stopped", "cannot start a container that has stopped"),
    refuse("running", "cannot start an already running container"),
    refuse("paused", "cannot start a container in the paused state"),
    ...(spec.process === undefined
      ? ([
          {
            op: "refuse",
            from: "/process",
            when: ["created"],
            message: "cannot start a container without a process: /process was not set at create",
            flags: [],
          },
        ] as const)
      : []),
    { op: "start", from: "/process/args", socket: files.startSocket, directory: files.directory },
    // runtime.md, step 9: a failing poststart hook ends the container.
    { op: "on_failure", from: "/hooks/poststart", sections: ["undo", "poststop"] },
    ...planHooks(context, "poststart"),
  ];
}

function kill(context: Context): Operation[] {
  const { cgroups, isolation } = context;
  const { freezer, killPath } = cgroups;
  const killAll: Operation[] =
    killPath === undefined
      ? []
      : [
          {
            op: "kill_cgroup",
            from: "kill",
            path: killPath,
            freezer: freezer?.file ?? "",
            thaw: freezer?.thaw ?? "",
            flags: ["if_signal_is_kill"],
          },
        ];
  // Where the pid namespace is not the container's own, its processes outlive init: SIGKILL is for all of them.
  const outlive = isolation.of("pid") !== "new";
  return [
    ...findStatus(context),
    ...(outlive ? killAll : []),
    { op: "refuse", from: "kill", when: ["stopped"], message: "container not running", flags: ["unless_all"] },
    { op: "kill", from: "kill", signal: 0, flags: ["slot", "missing_ok"] },
    ...(outlive ? [] : killAll),
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
      state: [...findStatus(context), { op: "print", from: "state", descriptor: 1, text: stateOutput(context) }],
      kill: kill(context),
      delete: remove(context),
      undo: destroy(context),
      poststop: planHooks(context, "poststop"),
    },
  } satisfies Plan;
}
