/**
 * Reads the command line as runc does (urfave/cli): long flags take one or two dashes, values follow "=" or come next,
 * flags and positional arguments mix, and the flags of tsoci itself are also accepted after the command.
 */
import { TsociError } from "../base/errors.ts";
import { type Command, type CommandName, commands, notYet, type Request } from "./declaration.ts";
import { type Flag, type Flags, globalFlags, helpFlag, versionFlags } from "./flags.ts";

type Group = "global" | "command" | "information";

interface KnownFlag {
  readonly group: Group;
  readonly name: string;
  readonly flag: Flag;
}

type Given = Readonly<Record<Group, Map<string, unknown>>>;

/**
 * Turns the arguments of tsoci into a request. `--help` and `--version` become requests for those commands.
 * Throws a TsociError: "usage", or "unsupported" for what runc or crun have and tsoci does not have yet.
 */
export function parseArguments(argv: readonly string[]): Request {
  const given: Given = { global: new Map(), command: new Map(), information: new Map() };
  const [name, ...rest] = scanTop(argv, given);
  if (given.information.get("version") || given.information.get("V")) return request("version", given, []);
  // `tsoci` alone shows help, as runc does.
  if (name === undefined) return request("help", given, []);
  const command = commandNamed(name);
  const known = knownFlags({ global: globalFlags, information: helpFlag, command: commands[command].flags });
  const positionals = scan(rest, known, end(commands[command]), given);
  if (given.information.get("help")) return request("help", given, [command]);
  checkCount(command, positionals.length);
  return request(command, given, positionals);
}

/** The command that a command line names, for help beside a usage error; undefined where there is none. */
export function commandIn(argv: readonly string[]): CommandName | undefined {
  try {
    const [name] = scanTop(argv, { global: new Map(), command: new Map(), information: new Map() });
    return name === undefined ? undefined : commandNamed(name);
  } catch {
    return undefined;
  }
}

/** What stands before the command; returns the command and all that follows it. */
function scanTop(argv: readonly string[], given: Given): string[] {
  const known = knownFlags({ global: globalFlags, information: { ...helpFlag, ...versionFlags } });
  return scan(argv, known, "at the first", given);
}

/** The declared command. Throws where there is none, before `--help` is looked at: callers probe for commands so. */
export function commandNamed(name: string): CommandName {
  if (isCommand(name)) return name;
  if (notYet.has(name)) throw new TsociError("unsupported", `not supported yet: ${name}`);
  throw new TsociError("usage", `unknown command ${JSON.stringify(name)}`);
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}

/** Which positional argument ends the flags. A "--" right after the first is dropped, but not one after the command. */
type End = "never" | "after the first" | "at the first";

function end(command: Command): End {
  return command.stopAtFirstPositional ? "after the first" : "never";
}

/** Long and short names. The command's own flags hide global ones of the same name (`spec --rootless`). */
function knownFlags(groups: { readonly [G in Group]?: Flags }): ReadonlyMap<string, KnownFlag> {
  const known = new Map<string, KnownFlag>();
  for (const group of ["global", "information", "command"] as const) {
    for (const [name, flag] of Object.entries(groups[group] ?? {})) {
      known.set(name, { group, name, flag });
      if (flag.short !== undefined) known.set(flag.short, { group, name, flag });
    }
  }
  return known;
}

/** Puts flags into `given` and returns the positional arguments. */
function scan(args: readonly string[], known: ReadonlyMap<string, KnownFlag>, end: End, given: Given): string[] {
  const positionals: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? "";
    if (argument === "--") return [...positionals, ...args.slice(index + 1)];
    if (end === "after the first" && positionals.length === 1) return [...positionals, ...args.slice(index)];
    if (!argument.startsWith("-")) {
      if (end === "at the first") return args.slice(index);
      positionals.push(argument);
      continue;
    }
    // "-" and "-9" are no flags, and end them.
    if (!/^-[-A-Za-z]/.test(argument)) return [...positionals, ...args.slice(index)];
    const [, name = "", inline] = /^--?([^=]*)(?:=(.*))?$/s.exec(argument) ?? [];
    const found = known.get(name);
    if (!found) throw new TsociError("usage", `flag provided but not defined: -${name}`);
    const takesNext = inline === undefined && found.flag.kind.placeholder !== undefined;
    if (takesNext && index + 1 === args.length) {
      throw new TsociError("usage", `flag needs an argument: ${argument}`);
    }
    if (takesNext) index++;
    setFlag(found, (takesNext ? args[index] : inline) ?? "", given);
  }
  return positionals;
}

function setFlag({ group, name, flag }: KnownFlag, text: string, given: Given): void {
  const before = given[group].get(name) ?? flag.kind.absent;
  given[group].set(name, flag.kind.parse(text, `--${name}`, before));
}

function checkCount(name: CommandName, count: number): void {
  const kinds: readonly string[] = Object.values(commands[name].args);
  const least = kinds.filter((kind) => kind === "required").length;
  const most = kinds.includes("rest") ? Number.POSITIVE_INFINITY : kinds.length;
  if (count >= least && count <= most) return;
  const bound = least === most ? "exactly" : count < least ? "a minimum of" : "a maximum of";
  const number = count < least ? least : most;
  throw new TsociError("usage", `"${name}" requires ${bound} ${number} argument(s)`);
}

function request(command: CommandName, given: Given, positionals: readonly string[]): Request {
  const args: Record<string, unknown> = {};
  Object.entries(commands[command].args).forEach(([name, kind], index) => {
    args[name] = kind === "rest" ? positionals.slice(index) : positionals[index];
  });
  const global = values(globalFlags, given.global);
  const flags = values(commands[command].flags, given.command);
  // The one place where the declaration's types meet what was read: `values` and the loop above follow `RequestOf`.
  return { command, global, flags, args } as unknown as Request;
}

function values(flags: Flags, given: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(flags)) {
    const property = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    result[property] = given.has(name) ? given.get(name) : flag.kind.absent;
  }
  return result;
}
