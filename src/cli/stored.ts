/**
 * start, state, kill, pause, resume and delete when they come with flags that the front door left to the parser: what
 * they do was stored by `create`, and the executor carries that out.
 */
import { TsociError } from "../base/errors.ts";
import { parseSignal, SIGNALS } from "../kernel/signals.ts";
import type { OperationArguments } from "../plan/operations.ts";
import type { Plan } from "../plan/plan.ts";
import { checkId } from "../state/files.ts";
import type { RequestOf } from "./declaration.ts";

type Stored = OperationArguments<"stored">;

function stored(command: Stored["command"], id: string, signal = 0, flags: Stored["flags"] = []): Plan {
  checkId(id);
  const from = command;
  return { failure: "", failureStatus: 1, sections: { host: [{ op: "stored", from, command, id, signal, flags }] } };
}

export function start({ args }: RequestOf<"start">): Plan {
  return stored("start", args.id);
}

export function state({ args }: RequestOf<"state">): Plan {
  return stored("state", args.id);
}

export function kill({ args, flags }: RequestOf<"kill">): Plan {
  const signal = args.signal === undefined ? SIGNALS.SIGTERM : parseSignal(args.signal);
  if (signal === undefined) throw new TsociError("usage", `unknown signal ${JSON.stringify(args.signal)}`);
  return stored(flags.all ? "kill_all" : "kill", args.id, signal);
}

export function pause({ args }: RequestOf<"pause">): Plan {
  return stored("pause", args.id);
}

export function resume({ args }: RequestOf<"resume">): Plan {
  return stored("resume", args.id);
}

export function remove({ args, flags }: RequestOf<"delete">): Plan {
  return stored("delete", args.id, 0, flags.force ? ["force"] : []);
}
