/**
 * What the front door asks the planner beside commands (src/executor/planner.c). No command can have such a name.
 *
 * - `?locate MESSAGE ARGUMENTS…`: where the entry that a failure names stands in config.json. The executor reports by JSON
 *   Pointer, for nobody should pay for line numbers while nothing fails.
 * - `?later ID`: the plan of later commands for a container that another build of tsoci made.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { TsociError } from "../base/errors.ts";
import { probeFacts } from "../facts/host.ts";
import { NO_CGROUPS } from "../linux/cgroups/lifecycle.ts";
import type { Context } from "../linux/context.ts";
import { laterPlan } from "../linux/later.ts";
import { isolationOf } from "../linux/namespaces.ts";
import type { Plan } from "../plan/plan.ts";
import { loadSpec } from "../spec/load.ts";
import { positions } from "../spec/position.ts";
import { readText } from "../spec/read-json.ts";
import { findContainer } from "../state/containers.ts";
import { NOTHING_ASKED } from "./container-context.ts";
import type { Surroundings } from "./main.ts";
import { parseArguments } from "./parse.ts";
import { VERSION } from "./version.ts";

export function answer([question, ...rest]: readonly string[], surroundings: Surroundings): Plan {
  if (question === "?locate") return locate(rest);
  if (question === "?later") return later(rest[0] ?? "", surroundings);
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
      arch: process.arch,
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
