/** The kinds of values that flags take. Each knows its TypeScript type, how help shows it, and how it is read. */
import { TsociError } from "../base/errors.ts";

/** `Absent` is the type where the flag is not given. */
export interface Kind<Value, Absent = Value> {
  /** What help prints for the value, "FILE"; undefined for a flag that stands alone. */
  readonly placeholder: string | undefined;
  /** Every text that is allowed, for help and completions. */
  readonly choices?: readonly string[];
  readonly absent: Absent;
  /** Reads the text; `before` is what the flag was until now. Throws a TsociError ("usage"). */
  parse(text: string, flag: string, before: Value | Absent): Value;
}

export type ValueOf<K> = K extends Kind<infer Value, infer Absent> ? Value | Absent : never;

/** Go's strconv.ParseBool, as in runc, and crun's `--tty=no`. The empty text is that of `--flag=`. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...["", "1", "t", "T", "true", "True", "TRUE", "yes"].map((text) => [text, true] as const),
  ...["0", "f", "F", "false", "False", "FALSE", "no"].map((text) => [text, false] as const),
]);

function parseBoolean(text: string, flag: string): boolean {
  return BOOLEANS.get(text) ?? refuse(text, flag, "true or false");
}

function refuse(text: string, flag: string, expected: string): never {
  throw new TsociError("usage", `invalid value ${JSON.stringify(text)} for flag ${flag}: expected ${expected}`);
}

/** A flag that stands alone or takes true or false after "=". */
export const bool: Kind<boolean> = { placeholder: undefined, absent: false, parse: parseBoolean };

/** As `bool`, but it can be told whether it was given: undefined leaves to config.json what it says. */
export const override: Kind<boolean, undefined> = { placeholder: undefined, absent: undefined, parse: parseBoolean };

/** true, false or auto; the empty text is auto. */
export const boolOrAuto: Kind<boolean | "auto"> = {
  placeholder: "true|false|auto",
  choices: ["true", "false", "auto"],
  absent: "auto",
  parse: (text, flag) => (text === "" || text.toLowerCase() === "auto" ? "auto" : parseBoolean(text, flag)),
};

/** Any text, the empty one included. */
export function text(placeholder: string): Kind<string, undefined> {
  return { placeholder, absent: undefined, parse: (value) => value };
}

/** One of some words. `message` replaces the usual message where callers know runc's. */
export function choice<const C extends string>(
  choices: readonly C[],
  message?: (text: string) => string,
): Kind<C, undefined> {
  return {
    placeholder: choices.join("|"),
    choices,
    absent: undefined,
    parse: (value, flag) => {
      const found = choices.find((each) => each === value);
      if (found !== undefined) return found;
      if (message) throw new TsociError("usage", message(value));
      return refuse(value, flag, choices.join(", "));
    },
  };
}

/** The kind, with a value for when the flag is not given. */
export function withDefault<Value>(kind: Kind<Value, undefined>, absent: NoInfer<Value>): Kind<Value> {
  return { ...kind, absent };
}

function parseInteger(text: string, minimum: number, maximum: number): number | undefined {
  // Leading zeros are refused: runc would read an octal number, and crun a decimal one.
  const number = /^(0|[1-9]\d*)$/.test(text) ? Number(text) : Number.NaN;
  return number >= minimum && number <= maximum ? number : undefined;
}

/** A decimal number. */
export function integer(minimum: number, maximum: number): Kind<number, undefined> {
  return {
    placeholder: "N",
    absent: undefined,
    parse: (value, flag) =>
      parseInteger(value, minimum, maximum) ?? refuse(value, flag, `a number from ${minimum} to ${maximum}`),
  };
}

/** A flag that may be repeated; commas do not separate. */
export function repeated<Value>(kind: Kind<Value, undefined>): Kind<readonly Value[]> {
  return { ...kind, absent: [], parse: (value, flag, before) => [...before, kind.parse(value, flag, undefined)] };
}

export interface UserAndGroup {
  readonly uid: number;
  readonly gid: number | undefined;
}

/** The highest user or group id: 4294967295 means "unchanged" to the kernel. */
export const HIGHEST_ID = 0xffff_fffe;

/** UID[:GID]: numbers only, since names would have to be looked up in the container. */
export const userAndGroup: Kind<UserAndGroup, undefined> = {
  placeholder: "UID[:GID]",
  absent: undefined,
  parse: (value) => {
    const [uid = "", ...rest] = value.split(":");
    return { uid: parseId(uid, "uid"), gid: rest.length === 0 ? undefined : parseId(rest.join(":"), "gid") };
  },
};

function parseId(text: string, what: string): number {
  const id = parseInteger(text, 0, HIGHEST_ID);
  if (id !== undefined) return id;
  throw new TsociError("usage", `bad ${what}: ${JSON.stringify(text)} is not a number from 0 to ${HIGHEST_ID}`);
}

export const INT64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };
export const UINT64 = { least: 0n, most: 2n ** 64n - 1n };

/** A decimal number that may be longer than JavaScript's are exact. */
export function wideInteger({ least, most }: typeof INT64): Kind<bigint, undefined> {
  return {
    placeholder: "N",
    absent: undefined,
    parse: (value, flag) => {
      const number = /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
      if (number !== undefined && number >= least && number <= most) return number;
      return refuse(value, flag, `a number from ${least} to ${most}`);
    },
  };
}

/** In powers of 1024, as docker and runc read them: "64m", "1.5GiB". */
const UNITS = "kmgtp";

/** A number of bytes with a unit or without, or -1 for no limit. */
export const bytes: Kind<bigint, undefined> = {
  placeholder: "BYTES",
  absent: undefined,
  parse: (value, flag) => {
    if (value === "-1") return -1n;
    const [, whole = "", fraction, unit = ""] = /^(\d{1,19})(\.\d{1,9})? ?([kmgtp]?)(?:i?b)?$/i.exec(value) ?? [];
    const factor = 1024n ** BigInt(unit === "" ? 0 : UNITS.indexOf(unit.toLowerCase()) + 1);
    const part = BigInt(Math.floor(Number(`0${fraction ?? ""}`) * Number(factor)));
    const size = whole === "" ? undefined : BigInt(whole) * factor + part;
    if (size !== undefined && size <= INT64.most) return size;
    return refuse(value, flag, 'a number of bytes such as 67108864, 64m or 1g, or -1 for "unlimited"');
  },
};

/** Milliseconds in each unit of a duration. */
const DURATIONS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** As Go writes durations, "1m30s" or "1.5h"; in milliseconds, at least 1. */
export const duration: Kind<number, undefined> = {
  placeholder: "TIME",
  absent: undefined,
  parse: (value, flag) => {
    const parts = [...value.matchAll(/(\d{1,15}(?:\.\d{1,9})?)(ns|us|µs|ms|s|m|h)/g)];
    const whole =
      value === "0" || (parts.length > 0 && parts.map(([part]) => part).join("") === value.replace(/^[-+]/, ""));
    if (!whole) return refuse(value, flag, "a time such as 5s, 500ms or 1m30s");
    const sum = parts.reduce((total, [, count, unit = ""]) => total + Number(count) * (DURATIONS[unit] ?? 0), 0);
    if (sum <= 0 || value.startsWith("-"))
      throw new TsociError("usage", `duration ${flag.slice(2)} must be greater than 0`);
    return Math.max(1, Math.floor(sum));
  },
};
