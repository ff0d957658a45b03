/**
 * What the front door asks the planner beside commands (src/executor/planner.c). No command can have such a name.
 *
 * - `?locate MESSAGE ARGUMENTS…`: where the entry that a failure names stands in config.json. The executor reports by JSON
 *   Pointer, for nobody should pay for line numbers while nothing fails.
 * - `?later ID`: the plan of later commands for a container that another build of tsoci made.
 * - `?undo ID`: how to remove a container that was not finished, or whose record can't be read.
 */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { TsociError } from "../base/errors.ts";
import { machineName, probeFacts } from "../facts/host.ts";
import { NO_CGROUPS } from "../linux/cgroups/lifecycle.ts";
import type { Context, StateFiles } from "../linux/context.ts";
import { destroy, laterPlan } from "../linux/later.ts";
import { isolationOf } from "../linux/namespaces.ts";
import type { Operation } from "../plan/operations.ts";
import type { Plan } from "../plan/plan.ts";
import { readUndo } from "../plan/undo-file.ts";
import { loadSpec } from "../spec/load.ts";
import { positions } from "../spec/position.ts";
import { readText } from "../spec/read-json.ts";
import { findContainer } from "../state/containers.ts";
import { checkId, stateFiles } from "../state/files.ts";
import { NOTHING_ASKED } from "./container-context.ts";
import type { Surroundings } from "./main.ts";
import { parseArguments } from "./parse.ts";
import { VERSION } from "./version.ts";

export function answer([question, ...rest]: readonly string[], surroundings: Surroundings): Plan {
  if (question === "?locate") return locate(rest);
  if (question === "?later") return later(rest[0] ?? "", surroundings);
  if (question === "?undo") return undo(rest[0] ?? "", surroundings);
  throw new TsociError("plan", `unknown question ${question}`);
}

/** From the copy of config.json and state.json; what was decided at `create` and can't be seen any more is recorded there. */
function later(id: string, { root }: Surroundings): Plan {
  const { files, recorded, bundle } = findContainer(root, id);
  const { spec, text, exact } = loadSpec(files.config);
  const context: Context = {
    // Later commands depend on no flag of `create`, nor on its caller.
    request: {
      ...NOTHING_ASKED,
      id,
      bundle,
      created: recorded.created,
      listenFds: 0,
      notify: existsSync(files.notify),
      umask: 0,
      arch: machineName(),
      version: VERSION,
    },
    files,
    spec,
    configText: text,
    exact,
    facts: probeFacts(),
    isolation: isolationOf(spec),
    cgroups: {
      ...NO_CGROUPS,
      undo: recorded.tsoci.undo,
      paths: recorded.cgroup_paths,
      freezer: recorded.tsoci.freezer ?? undefined,
      killPath: recorded.tsoci.killPath ?? undefined,
      mount: () => [],
    },
    intelRdt: {
      path: recorded.intel_rdt_path ?? null,
      create: [],
      join: [],
      undo: recorded.tsoci.undoIntelRdt,
    },
    entry: { open: [], cloneInto: "", join: [], enter: [] },
  };
  return laterPlan(context);
}

/** What can't be read any more is told, and the rest removed: nobody is helped by a container that stays. */
function undo(id: string, { root }: Surroundings): Plan {
  checkId(id);
  const files = stateFiles(root, id);
  const { operations, lost } = recordedUndo(files);
  const all =
    lost === undefined
      ? operations
      : [
          { op: "warn", from: "state", message: lost } as const,
          ...destroy(files, { freezer: "", thaw: "" }, operations),
        ];
  return { failure: "", failureStatus: 1, sections: { undo: all } };
}

function recordedUndo(files: StateFiles): { readonly operations: readonly Operation[]; readonly lost?: string } {
  try {
    const { operations, unknown } = readUndo(readFileSync(files.undo, "utf8"));
    return unknown.length === 0 ? { operations } : { operations, lost: `left undone: ${unknown.join(", ")}` };
  } catch {
    return { operations: [], lost: `${files.undo} can't be read: only init and the state directory are removed` };
  }
}

/** `message` begins with a prefix and a JSON Pointer: "create failed: /mounts/3: …". */
function locate([message = "", ...argv]: readonly string[]): Plan {
  const pointer = /(?:^|: )(\/[^: ]+)(?=: )/.exec(message)?.[1];
  const request = parseArguments(argv);
  let text = message;
  if (pointer !== undefined && "flags" in request && "config" in request.flags) {
    const { bundle, config } = request.flags;
    const position = positions(readText(resolve(bundle, config)))(pointer);
    if (position) text = `${message} (${config}:${position.line}:${position.column})`;
  }
  return {
    failure: "",
    failureStatus: 1,
    sections: { host: [{ op: "fail", from: "locate", message: text, status: 1 }] },
  };
}
