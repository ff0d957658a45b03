/** Help texts, made by commander from the declaration. commander is loaded only here: no container waits for it. */
import type { Command as CommanderCommand, Option as CommanderOption } from "commander";
import type { Plan } from "../plan/plan.ts";
import { type Command, commands, type RequestOf } from "./declaration.ts";
import { type Flag, type Flags, globalFlags, helpFlag, versionFlags } from "./flags.ts";
import { commandIn, commandNamed } from "./parse.ts";
import { printing } from "./printing.ts";

const DESCRIPTION = "OCI container runtime: TypeScript decides, a tiny static program acts.";
const EPILOGUE = "\nFlags of tsoci itself are accepted after the command, too: see `tsoci --help`.\n";

interface Commander {
  readonly Command: typeof CommanderCommand;
  readonly Option: typeof CommanderOption;
}

/** `tsoci help [COMMAND]`, `--help` */
export async function help(request: RequestOf<"help">): Promise<Plan> {
  return printing(await helpText(request.args.command), "--help");
}

/** Help for tsoci, or for one command. Throws a TsociError for a command that does not exist. */
export async function helpText(name?: string): Promise<string> {
  const commander = await import("commander");
  if (name === undefined) return topLevel(commander).helpInformation();
  const command = commandNamed(name);
  return build(commander, `tsoci ${command}`, commands[command]).helpInformation() + EPILOGUE;
}

/** What runc prints to standard output beside a usage error. */
export async function incorrectUsage(argv: readonly string[]): Promise<string> {
  return `Incorrect Usage.\n\n${await helpText(commandIn(argv))}`;
}

function topLevel(commander: Commander): CommanderCommand {
  const top = new commander.Command("tsoci").usage("[flags] COMMAND [flags] [arguments]").description(DESCRIPTION);
  top
    .helpOption(false)
    .helpCommand(false)
    .configureHelp({ subcommandTerm: (each) => `${each.name()} ${each.usage()}` });
  addFlags(commander, top, { ...globalFlags, ...helpFlag, ...versionFlags });
  for (const [name, command] of Object.entries<Command>(commands)) {
    if (!command.hidden) top.addCommand(build(commander, name, command));
  }
  return top;
}

function build(commander: Commander, name: string, declared: Command): CommanderCommand {
  const order = declared.stopAtFirstPositional ? ". Flags stand before ID." : "";
  const command = new commander.Command(name).description(declared.summary + order).summary(declared.summary);
  command.usage(usage(declared)).helpOption(false).helpCommand(false);
  addFlags(commander, command, { ...declared.flags, ...helpFlag });
  return command;
}

const FORMS = {
  required: (name: string) => name,
  optional: (name: string) => `[${name}]`,
  rest: (name: string) => `[${name}...]`,
};

function usage({ args }: Command): string {
  return ["[flags]", ...Object.entries(args).map(([name, kind]) => FORMS[kind](name.toUpperCase()))].join(" ");
}

function addFlags(commander: Commander, command: CommanderCommand, flags: Flags): void {
  for (const [name, flag] of Object.entries(flags)) {
    if (flag.hidden) continue;
    const short = flag.short === undefined ? "" : `-${flag.short}, `;
    const value = flag.kind.placeholder === undefined ? "" : ` ${flag.kind.placeholder}`;
    command.addOption(new commander.Option(`${short}--${name}${value}`, describe(flag)));
  }
}

function describe(flag: Flag): string {
  const absent = flag.kind.choices ? flag.kind.absent : undefined;
  const parts = [flag.help];
  if (absent !== undefined) parts.push(`(default: ${absent})`);
  if (flag.ignored !== undefined) parts.push(`(accepted and ignored: ${flag.ignored})`);
  if (flag.notYet === true) parts.push("(not supported yet)");
  else if (flag.notYet) parts.push(`(not supported yet: ${flag.notYet.join(", ")})`);
  return parts.join(" ");
}
