/** Help texts; the build makes them (src/build/help.ts). */
import type { Plan } from "../plan/plan.ts";
import type { RequestOf } from "./declaration.ts";
import { HELP } from "./generated/help.ts";
import { commandIn, commandNamed } from "./parse.ts";
import { printing } from "./printing.ts";

/** `tsoci help [COMMAND]`, `--help` */
export function help(request: RequestOf<"help">): Plan {
  return printing(helpText(request.args.command), "--help");
}

/** Help for tsoci, or for one command. Throws a TsociError for a command that does not exist. */
export function helpText(name?: string): string {
  return HELP[name === undefined ? "" : commandNamed(name)] ?? "";
}

/** What runc prints to standard output beside a usage error. */
export function incorrectUsage(argv: readonly string[]): string {
  return `Incorrect Usage.\n\n${helpText(commandIn(argv))}`;
}
