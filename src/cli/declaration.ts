/**
 * The command line, declared once: the parser, help and completions are made from it. What a flag becomes in a request
 * follows from its kind (value-kinds.ts).
 */
import type { Flags, globalFlags, Values } from "./flags.ts";
import { createFlags, execFlags, runFlags } from "./process-flags.ts";
import { updateFlags } from "./update-flags.ts";
import { bool, choice, duration, text, withDefault } from "./value-kinds.ts";

export interface Command {
  readonly summary: string;
  /** Positional arguments, in order: one that must be given, one that may, or all that remain. */
  readonly args: Readonly<Record<string, "required" | "optional" | "rest">>;
  readonly flags: Flags;
  /** What follows the first positional argument belongs to another program, and is never read as a flag. */
  readonly stopAtFirstPositional?: true;
  readonly hidden?: true;
}

const tableOrJson = {
  kind: withDefault(
    choice(["table", "json"], () => "invalid format option"),
    "table",
  ),
  short: "f",
  help: "output format",
  from: "both",
} as const;

const textOrJson = {
  kind: withDefault(choice(["text", "json"]), "text"),
  help: "output format",
  from: "tsoci",
} as const;

const regex = {
  kind: bool,
  short: "r",
  help: "ID is a regular expression over all containers",
  from: "crun",
} as const;

/** In the order of help: by a container's life, then what only reads. */
export const commands = {
  create: { summary: "create a container", args: { id: "required" }, flags: createFlags },
  start: { summary: "start the process of a created container", args: { id: "required" }, flags: {} },
  run: { summary: "create and start a container", args: { id: "required" }, flags: runFlags },
  exec: {
    summary: "run another process in a container",
    args: { id: "required", command: "rest" },
    flags: execFlags,
    stopAtFirstPositional: true,
  },
  kill: {
    summary: "send a signal (default: SIGTERM) to the process of a container",
    args: { id: "required", signal: "optional" },
    flags: {
      all: {
        kind: bool,
        short: "a",
        help: "to all of its processes; a container that has stopped is fine",
        from: "both",
      },
      regex,
    },
    stopAtFirstPositional: true,
  },
  pause: { summary: "stop all processes of a container for a while", args: { id: "required" }, flags: {} },
  resume: { summary: "let the processes of a paused container go on", args: { id: "required" }, flags: {} },
  update: { summary: "change the limits of a container", args: { id: "required" }, flags: updateFlags },
  delete: {
    summary: "delete a container",
    args: { id: "required" },
    flags: {
      force: { kind: bool, short: "f", help: "kill it first; a missing container is fine", from: "both" },
      regex,
    },
  },
  state: { summary: "print the state of a container as JSON", args: { id: "required" }, flags: {} },
  list: {
    summary: "list the containers",
    args: {},
    flags: {
      format: tableOrJson,
      quiet: { kind: bool, short: "q", help: "ids only", from: "both" },
    },
  },
  ps: {
    summary: "list the processes of a container; what follows ID goes to ps(1) (default: -ef)",
    args: { id: "required", options: "rest" },
    flags: { format: tableOrJson },
    stopAtFirstPositional: true,
  },
  events: {
    summary: "print what a container uses again and again, and when it runs out of memory, as lines of JSON",
    args: { id: "required" },
    flags: {
      interval: { kind: withDefault(duration, 5000), help: "time between two statistics (default: 5s)", from: "runc" },
      stats: { kind: bool, help: "print what it uses once", from: "runc" },
    },
  },
  spec: {
    summary: "write an example config.json",
    args: {},
    flags: {
      bundle: { kind: withDefault(text("DIR"), "."), short: "b", help: "directory of the bundle", from: "both" },
      file: { kind: withDefault(text("FILE"), "config.json"), short: "f", help: "name of the file", from: "crun" },
      rootless: { kind: bool, help: "for containers of users other than root", from: "both" },
    },
  },
  features: { summary: "print what this runtime supports as JSON", args: {}, flags: {} },
  validate: {
    summary: "check a configuration and report every problem",
    args: { file: "optional" },
    flags: {
      bundle: { kind: text("DIR"), short: "b", help: "check the config.json of this bundle", from: "tsoci" },
      format: textOrJson,
    },
  },
  plan: {
    summary: "print what run would do, without doing it: as root, where only root could",
    args: { id: "optional" },
    flags: { ...runFlags, format: textOrJson },
  },
  explain: {
    summary: "print what run would do as shell commands, without doing it: as root, where only root could",
    args: { id: "optional" },
    flags: { ...runFlags, format: textOrJson },
  },
  help: { summary: "show help for tsoci or for a command", args: { command: "optional" }, flags: {} },
  version: { summary: "print the version", args: {}, flags: {}, hidden: true },
} as const satisfies Readonly<Record<string, Command>>;

/** Commands of runc and crun that tsoci does not have yet. */
export const notYet: ReadonlySet<string> = new Set(["checkpoint", "mounts", "restore"]);

export type CommandName = keyof typeof commands;

interface Arguments {
  readonly required: string;
  readonly optional: string | undefined;
  readonly rest: readonly string[];
}

export type GlobalValues = Values<typeof globalFlags>;

/** What the caller asked for by one command: flags and arguments under their names. */
export type RequestOf<N extends CommandName> = {
  readonly [C in N]: {
    readonly command: C;
    readonly global: GlobalValues;
    readonly flags: Values<(typeof commands)[C]["flags"]>;
    readonly args: {
      readonly [A in keyof (typeof commands)[C]["args"]]: Arguments[(typeof commands)[C]["args"][A] & keyof Arguments];
    };
  };
}[N];

export type Request = RequestOf<CommandName>;
