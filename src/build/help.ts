/** The help texts, made by commander from the declaration of the command line. */
import { Command as CommanderCommand, Option } from "commander";
import { type Command, commands } from "../cli/declaration.ts";
import { type Flag, type Flags, globalFlags, helpFlag, versionFlags } from "../cli/flags.ts";

const DESCRIPTION = "OCI container runtime: TypeScript decides, a tiny static program acts.";
const EPILOGUE = "\nFlags of tsoci itself are accepted after the command, too: see `tsoci --help`.\n";

/** The help of tsoci ("") and of each command, as a module of TypeScript. */
export function helpModule(): string {
  const texts: Record<string, string> = { "": topLevel().helpInformation() };
  for (const [name, command] of Object.entries<Command>(commands)) {
    texts[name] = build(`tsoci ${name}`, command).helpInformation() + EPILOGUE;
  }
  return `export const HELP: Readonly<Record<string, string>> = ${JSON.stringify(texts, undefined, 2)};\n`;
}

function topLevel(): CommanderCommand {
  const top = new CommanderCommand("tsoci").usage("[flags] COMMAND [flags] [arguments]").description(DESCRIPTION);
  top
    .helpOption(false)
    .helpCommand(false)
    .configureHelp({ subcommandTerm: (each) => `${each.name()} ${each.usage()}` });
  addFlags(top, { ...globalFlags, ...helpFlag, ...versionFlags });
  for (const [name, command] of Object.entries<Command>(commands)) {
    if (!command.hidden) top.addCommand(build(name, command));
  }
  return top;
}

function build(name: string, declared: Command): CommanderCommand {
  const order = declared.stopAtFirstPositional ? ". Flags stand before ID." : "";
  const command = new CommanderCommand(name).description(declared.summary + order).summary(declared.summary);
  command.usage(usage(declared)).helpOption(false).helpCommand(false);
  addFlags(command, { ...declared.flags, ...helpFlag });
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

function addFlags(command: CommanderCommand, flags: Flags): void {
  for (const [name, flag] of Object.entries(flags)) {
    if (flag.hidden) continue;
    const short = flag.short === undefined ? "" : `-${flag.short}, `;
    const value = flag.kind.placeholder === undefined ? "" : ` ${flag.kind.placeholder}`;
    command.addOption(new Option(`${short}--${name}${value}`, describe(flag)));
  }
}

function describe(flag: Flag): string {
  const absent = flag.kind.choices ? flag.kind.absent : undefined;
  const parts = [flag.help];
  if (absent !== undefined) parts.push(`(default: ${absent})`);
  if (flag.ignored !== undefined) parts.push(`(accepted and ignored: ${flag.ignored})`);
  return parts.join(" ");
}
