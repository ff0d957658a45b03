/** `create` and `run`: the whole plan of a container, and the plan of the commands that come after. */
import { TsociError } from "../base/errors.ts";
import type { Operation } from "../plan/operations.ts";
import type { Plan } from "../plan/plan.ts";
import { writeUndo } from "../plan/undo-file.ts";
import { encode } from "../plan/wire.ts";
import type { Process } from "../spec/generated/config.ts";
import type { Context } from "./context.ts";
import { waitForRecord, writePidFile } from "./from-outside.ts";
import { planHooks } from "./hooks.ts";
import { groupsAreDenied } from "./ids.ts";
import { laterPlan } from "./later.ts";
import { warnAboutMountLabel } from "./mount-label.ts";
import { listenForReady, waitUntilReady } from "./notify.ts";
import { HOST, INIT, inOrder, STAGE } from "./order.ts";
import { groupRule, type ProcessPlan, planProcess } from "./process.ts";
import { stateRecord } from "./record.ts";
import { sendInit } from "./seccomp/agent.ts";
import { checkTerminal } from "./terminal.ts";

const EMPTY: ProcessPlan = { warnings: [], prepare: [], execute: [] };

/** Plans `create` and `run`. Throws TsociError for what config.json or the host does not allow. */
export function planContainer(context: Context): Plan {
  const { request, spec } = context;
  if (spec.process === undefined && request.command === "run") throw missingProcess();
  checkTerminal({
    terminal: spec.process?.terminal === true,
    detached: request.command === "create" || request.detach,
    consoleSocket: request.consoleSocket,
    pointer: "/process/terminal",
  });
  const warnings = warnAboutMountLabel(context);
  const process = spec.process ? planProcess(processContext(context, spec.process)) : EMPTY;
  const later = laterPlan(context);
  const { undo, poststop } = later.sections;
  return {
    failure: `${request.command} failed`,
    failureStatus: 1,
    later,
    sections: {
      host: [
        ...warnings,
        ...process.warnings,
        ...openStateDirectory(context, undo),
        ...inOrder(HOST, context),
        ...(request.command === "run" ? listenForReady(context) : []),
        ...commit(context, encode(later)),
        ...(request.command === "run" ? runOperations(context) : []),
      ],
      ...(context.isolation.needsStage ? { stage: inOrder(STAGE, context) } : {}),
      init: [
        ...inOrder(INIT, context),
        ...process.prepare,
        ...initWaits(context),
        // config.md, "startContainer Hooks": after `start` was called, before the user's program.
        ...planHooks(context, "startContainer"),
        ...process.execute,
      ],
      undo,
      poststop,
    },
  };
}

function missingProcess(): TsociError {
  return new TsociError("config", "process property must not be empty", { pointer: "/process" });
}

function processContext(context: Context, process: Process): Parameters<typeof planProcess>[0] {
  const { spec, facts, request, isolation, exact } = context;
  return {
    process,
    base: "/process",
    exact,
    facts,
    linux: spec.linux ?? {},
    annotations: spec.annotations,
    arch: request.arch,
    userNamespace: isolation.of("user") !== "shared",
    groups: groupRule(spec.annotations, groupsAreDenied(context)),
    preserveFds: request.preserveFds,
    listenFds: request.listenFds,
    notify: request.notify,
    umask: request.umask,
  };
}

/** The state directory takes the id; the undo stands in it before anything else happens. */
function openStateDirectory({ files, request, configText }: Context, undo: readonly Operation[]): Operation[] {
  const from = "state";
  return [
    { op: "mkdir", from: "--root", path: files.root, mode: 0o700, flags: ["parents", "exist_ok", "owned"] },
    { op: "claim", from, path: files.directory, mode: 0o711 },
    { op: "on_failure", from, sections: ["undo"] },
    { op: "write", from, path: files.undo, data: writeUndo(undo), mode: 0o600, flags: ["create", "replace"] },
    { op: "write", from, path: files.config, data: configText, mode: 0o600, flags: ["create", "exclusive"] },
    ...(request.command === "create"
      ? [
          {
            op: "listen",
            from,
            into: "start_socket",
            path: files.startSocket,
            mode: 0o600,
            type: "SOCK_SEQPACKET",
          } as const,
        ]
      : []),
  ];
}

/** Everything is recorded, the stored commands last, and only then may init outlive the runtime. */
function commit(context: Context, later: Uint8Array): Operation[] {
  const { files, request } = context;
  const from = "state";
  return [
    { op: "write", from, path: files.state, data: stateRecord(context), mode: 0o600, flags: ["create", "replace"] },
    { op: "store", from, path: files.commands, data: later },
    ...writePidFile(request.pidFile),
    { op: "wake", from, step: "committed" },
  ];
}

function initWaits({ request }: Context): Operation[] {
  return [
    ...waitForRecord("init"),
    ...(request.command === "create" ? [{ op: "await_start", from: "start" } as const] : []),
  ];
}

function runOperations(context: Context): Operation[] {
  const { request, cgroups, spec } = context;
  const poststart = planHooks(context, "poststart");
  const operations: Operation[] = [...sendInit(context), { op: "await_exec", from: "/process/args" }, ...poststart];
  if (request.detach) return [...operations, ...waitUntilReady(context)];
  const terminal = spec.process?.terminal === true ? (["terminal"] as const) : [];
  const subreaper = request.subreaper ? (["subreaper"] as const) : [];
  operations.push({ op: "foreground", from: "run", flags: [...terminal, ...subreaper] });
  const limit = spec.linux?.resources?.memory?.limit;
  if (cgroups.oom && limit !== undefined && limit > 0) {
    const message = `the container was killed: out of memory (/linux/resources/memory/limit: ${limit} bytes)`;
    operations.push({ op: "out_of_memory", from: "/linux/resources/memory/limit", ...cgroups.oom, message });
  }
  if (request.keep) return operations;
  operations.push(
    { op: "on_failure", from: "run", sections: [] },
    { op: "replay", from: "run", section: "undo", flags: ["every"] },
    { op: "replay", from: "run", section: "poststop", flags: ["every"] },
  );
  return operations;
}
