/**
 * The planner, as its engines enter it (src/engine/node.ts, quickjs.ts). The front door (src/executor/main.c) starts it with
 * the state root and its own arguments; the plan goes to descriptor 3. Only the code of the command asked for is loaded.
 */
import { writeSync } from "node:fs";
import { TsociError } from "../base/errors.ts";
import type { Plan } from "../plan/plan.ts";
import { encode } from "../plan/wire.ts";
import { ROOT } from "../state/files.ts";
import { create } from "./create.ts";
import type { CommandName, Request, RequestOf } from "./declaration.ts";
import { parseArguments } from "./parse.ts";

const PLAN_DESCRIPTOR = 3;
/** With it begins what the front door asks instead of a command; src/cli/questions.ts. */
const QUESTION = "?";

/** What a command gets beside its request. */
export interface Surroundings {
  /** Where the state directories are; the front door knows the rules. */
  readonly root: string;
}

type Handler<N extends CommandName> = (request: RequestOf<N>, surroundings: Surroundings) => Plan | Promise<Plan>;

const handlers: { readonly [N in CommandName]: () => Promise<Handler<N>> } = {
  // Not imported when asked for, as the others are: a module that is loaded late costs more, and these two are the hot path.
  create: async () => create,
  run: async () => create,
  exec: async () => (await import("./exec.ts")).exec,
  start: async () => (await import("./stored.ts")).start,
  state: async () => (await import("./stored.ts")).state,
  kill: async () => (await import("./stored.ts")).kill,
  pause: async () => (await import("./stored.ts")).pause,
  resume: async () => (await import("./stored.ts")).resume,
  update: async () => (await import("./update.ts")).update,
  delete: async () => (await import("./stored.ts")).remove,
  list: async () => (await import("./list.ts")).list,
  ps: async () => (await import("./ps.ts")).ps,
  events: async () => (await import("./events.ts")).events,
  spec: async () => (await import("./spec.ts")).spec,
  features: async () => (await import("./features.ts")).features,
  validate: async () => (await import("./validate.ts")).validate,
  plan: async () => (await import("./show-plan.ts")).showPlan,
  explain: async () => (await import("./show-plan.ts")).explain,
  help: async () => (await import("./help.ts")).help,
  version: async () => (await import("./version.ts")).version,
};

/** Commands whose failures name them; the others' stand alone (CLI.md 1.1). */
const FAILURES: Readonly<Partial<Record<CommandName, { prefix: string; status: number }>>> = {
  create: { prefix: "create failed", status: 1 },
  run: { prefix: "run failed", status: 1 },
  exec: { prefix: "exec failed", status: 255 },
};

async function planFor(argv: readonly string[], surroundings: Surroundings): Promise<Plan> {
  let request: Request | undefined;
  try {
    if (argv[0]?.startsWith(QUESTION)) return (await import("./questions.ts")).answer(argv, surroundings);
    request = parseArguments(argv);
    const handler = (await handlers[request.command]()) as Handler<CommandName>;
    return await handler(request as never, surroundings);
  } catch (error) {
    return await failure(error, request?.command, argv);
  }
}

/** An error as a plan: the executor prints it, writes the log, and exits. */
async function failure(error: unknown, command: CommandName | undefined, argv: readonly string[]): Promise<Plan> {
  const { prefix = "", status = 1 } = (command && FAILURES[command]) ?? {};
  const usage = error instanceof TsociError && error.code === "usage" && command === undefined;
  const help = usage ? (await import("./help.ts")).incorrectUsage(argv) : "";
  return {
    failure: prefix,
    failureStatus: status,
    sections: {
      host: [
        ...(help === "" ? [] : [{ op: "print", from: "usage", descriptor: 1, text: help } as const]),
        { op: "fail", from: "planner", message: oneLine(error), status },
      ],
    },
  };
}

function oneLine(error: unknown): string {
  if (!(error instanceof TsociError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `internal error, please report it: ${text}`.replaceAll("\n", "\\n").replaceAll("\0", "\\0");
  }
  const named = error.pointer === undefined || error.message.includes(error.pointer);
  return (named ? error.message : `${error.pointer}: ${error.message}`).replaceAll("\n", "\\n").replaceAll("\0", "\\0");
}

function writeAll(bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(PLAN_DESCRIPTOR, bytes, offset);
}

/** Plans what the command line asks for. */
export async function main(): Promise<void> {
  const [root = ROOT, ...argv] = process.argv.slice(2);
  writeAll(encode(await planFor(argv, { root })));
}
