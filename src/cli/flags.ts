/** What a flag of the command line is, and the flags that every command takes. */
import { bool, boolOrAuto, choice, type Kind, text, type ValueOf, withDefault } from "./value-kinds.ts";

export interface Flag {
  readonly kind: Kind<unknown>;
  /** One letter. */
  readonly short?: string;
  readonly help: string;
  /** Whose flag it is: callers of that runtime may pass it. */
  readonly from: "runc" | "crun" | "both" | "tsoci";
  /** Left out of help. */
  readonly hidden?: boolean;
  /** Accepted without effect; says why that is harmless. */
  readonly ignored?: string;
}

/** Flags by their long name. */
export type Flags = Readonly<Record<string, Flag>>;

/** "console-socket" → "consoleSocket": flags in a request are properties. */
export type Camel<S extends string> = S extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;

/** What a table of flags becomes in a request. */
export type Values<F extends Flags> = { readonly [N in keyof F & string as Camel<N>]: ValueOf<F[N]["kind"]> };

/** Flags of tsoci itself; they are accepted before and after the command. */
export const globalFlags = {
  root: { kind: text("DIR"), help: "where the state of containers is kept (default: /run/tsoci)", from: "both" },
  log: { kind: text("FILE"), help: "append messages to this file (default: standard error)", from: "both" },
  "log-format": {
    kind: withDefault(
      choice(["text", "json"], (value) => `invalid log-format: ${value}`),
      "text",
    ),
    help: "format of log messages",
    from: "both",
  },
  "log-level": { kind: choice(["error", "warning", "debug"]), help: "least level that is logged", from: "crun" },
  debug: { kind: bool, help: "log what is done and why, as --log-level debug", from: "both" },
  "systemd-cgroup": {
    kind: bool,
    help: "let systemd manage cgroups; linux.cgroupsPath is SLICE:PREFIX:NAME then",
    from: "both",
  },
  "cgroup-manager": {
    kind: choice(["cgroupfs", "systemd", "disabled"]),
    help: "what manages cgroups (default: cgroupfs)",
    from: "crun",
  },
  rootless: { kind: boolOrAuto, help: "ignore missing permissions on cgroups", from: "both" },
  criu: {
    kind: text("FILE"),
    help: "path of criu",
    from: "runc",
    hidden: true,
    ignored: "runc itself ignores it since 1.2",
  },
} as const satisfies Flags;

/** Flags that ask for information instead of the command. */
export const helpFlag = { help: { kind: bool, short: "h", help: "show help", from: "both" } } as const satisfies Flags;
export const versionFlags = {
  version: { kind: bool, short: "v", help: "print the version", from: "both" },
  V: { kind: bool, help: "print the version", from: "crun", hidden: true },
} as const satisfies Flags;
