/**
 * start, state, kill, pause, resume and delete when they come with flags that the front door left to the parser: what
 * they do was stored by `create`, and the executor carries that out.
 */
import { TsociError } from "../base/errors.ts";
import { parseSignal, SIGNALS } from "../kernel/signals.ts";
import type { Operation, OperationArguments } from "../plan/operations.ts";
import type { Plan } from "../plan/plan.ts";
import { isComplete, listIds } from "../state/containers.ts";
import { checkId } from "../state/files.ts";
import type { RequestOf } from "./declaration.ts";
import type { Surroundings } from "./main.ts";
import { extendedExpression } from "./regular-expression.ts";

type Stored = OperationArguments<"stored">;

function stored(command: Stored["command"], id: string, signal = 0, flags: Stored["flags"] = []): Plan {
  checkId(id);
  return planOf([{ op: "stored", from: command, command, id, signal, flags }]);
}

function planOf(host: readonly Operation[]): Plan {
  return { failure: "", failureStatus: 1, sections: { host } };
}

/** As crun's --regex: on every container whose id the expression matches somewhere; one that fails is a warning. */
function storedForAll(pattern: string, ids: readonly string[], arguments_: Omit<Stored, "id">): Plan {
  const expression = extendedExpression(pattern);
  const flags = [...arguments_.flags, "warn"] as const;
  return planOf(
    ids
      .filter((id) => expression.test(id))
      .map((id): Operation => ({ op: "stored", from: "--regex", ...arguments_, id, flags })),
  );
}

const complete = (root: string) => listIds(root).filter((id) => isComplete(root, id));

export function start({ args }: RequestOf<"start">): Plan {
  return stored("start", args.id);
}

export function state({ args }: RequestOf<"state">): Plan {
  return stored("state", args.id);
}

export function kill({ args, flags }: RequestOf<"kill">, { root }: Surroundings): Plan {
  const signal = args.signal === undefined ? SIGNALS.SIGTERM : parseSignal(args.signal);
  if (signal === undefined) throw new TsociError("usage", `unknown signal ${JSON.stringify(args.signal)}`);
  const command = flags.all ? "kill_all" : "kill";
  if (flags.regex) return storedForAll(args.id, complete(root), { command, signal, flags: [] });
  return stored(command, args.id, signal);
}

export function pause({ args }: RequestOf<"pause">): Plan {
  return stored("pause", args.id);
}

export function resume({ args }: RequestOf<"resume">): Plan {
  return stored("resume", args.id);
}

export function remove({ args, flags }: RequestOf<"delete">, { root }: Surroundings): Plan {
  const force: Stored["flags"] = flags.force ? ["force"] : [];
  if (!flags.regex) return stored("delete", args.id, 0, force);
  const ids = flags.force ? listIds(root) : complete(root);
  return storedForAll(args.id, ids, { command: "delete", signal: 0, flags: force });
}
