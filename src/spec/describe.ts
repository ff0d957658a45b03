/**
 * Makes a sentence of what a validator found. The validators only say where and which keyword of the schema failed; the
 * rest is read here from the schema itself, at the place that the error's pointer leads to.
 */
import { pointer, tokens } from "../base/pointer.ts";
import { CONFIG_SCHEMA } from "./generated/schema.ts";
import type { SchemaError } from "./generated/validate.js";
import { BOUNDS } from "./integers.ts";

/** What is wrong at one place; `expected` is what the schema wants there. */
export interface Fault {
  readonly pointer: string;
  readonly message: string;
  readonly expected: string;
}

/** The keywords of schemas/config.json that messages are made of. */
interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  /** What a value is, with its article: "an absolute path". */
  readonly title?: string;
  readonly type?: "array" | "boolean" | "integer" | "object" | "string";
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly dependentRequired?: Readonly<Record<string, readonly string[]>>;
  readonly anyOf?: readonly Schema[];
  readonly then?: Schema;
}

let root: Schema | undefined;

function parseSchema(): Schema {
  return JSON.parse(CONFIG_SCHEMA);
}

/**
 * Describes an error of a validator. `value` is the whole value that was validated, and `place` where it belongs in
 * config.json: "" or "/process". Pointers start at the value. Returns nothing for an error that only explains another.
 */
export function describe(error: SchemaError, value: unknown, place: string): Fault[] {
  root ??= parseSchema();
  const schema = schemaAt(root, place + error.at);
  const found = lookup(value, error.at);
  const make = SENTENCES[error.keyword];
  if (make !== undefined) return make(schema, found, error.at);
  if (error.keyword === "if" || error.keyword.includes("/")) return [];
  const expected = expectation(schema);
  return [{ pointer: error.at, message: `must be ${expected}, not ${show(found)}`, expected }];
}

/** The value that a JSON Pointer names, or undefined. */
function lookup(value: unknown, at: string): unknown {
  return tokens(at).reduce<unknown>(
    (inner, token) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, token) : undefined),
    value,
  );
}

type Sentence = (schema: Schema, found: unknown, at: string) => Fault[];

/** Keywords whose fault lies not in the value itself. */
const SENTENCES: Readonly<Record<string, Sentence>> = {
  required: (schema, found, at) => missing(schema.required, found, at, "is required"),
  "then/required": (schema, found, at) =>
    missing(schema.then?.required, found, at, `is required with type ${show(lookup(found, "/type"))}`),
  dependentRequired: (schema, found, at) =>
    Object.entries(schema.dependentRequired ?? {})
      .filter(([name]) => has(found, name))
      .flatMap(([name, needed]) => missing(needed, found, at, `is required with ${name}`)),
  anyOf(schema, _found, at) {
    const names = (schema.anyOf ?? []).flatMap((choice) => choice.required ?? []).join(" or ");
    return [{ pointer: at, message: `needs ${names}`, expected: names }];
  },
  propertyNames(schema, found, at) {
    const { enum: names, pattern = "" } = schema.propertyNames ?? {};
    const valid = (key: string) => (names ? names.includes(key) : new RegExp(pattern, "u").test(key));
    const expected = names ? `one of ${names.join(", ")}` : "a name";
    const message = names ? `the name must be ${expected}` : "the name must not be empty";
    const keys = Object.keys(typeof found === "object" && found !== null ? found : {}).filter((key) => !valid(key));
    return keys.map((key) => ({ pointer: pointer(at, key), message, expected }));
  },
  minItems: (_schema, _found, at) => [{ pointer: at, message: "must have at least one entry", expected: "an entry" }],
  maxItems: (_schema, _found, at) => [{ pointer: at, message: "must be empty", expected: "an empty array" }],
};

function missing(names: readonly string[] | undefined, found: unknown, at: string, message: string): Fault[] {
  const absent = (names ?? []).filter((name) => !has(found, name));
  return absent.map((name) => ({ pointer: pointer(at, name), message, expected: "a value" }));
}

function has(value: unknown, name: string): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name);
}

/** What the schema wants, in words: "an integer from 0 to 65535", "one of a, b". */
function expectation(schema: Schema): string {
  if (schema.title !== undefined) return schema.title;
  if (schema.enum !== undefined)
    return schema.enum.length === 1 ? show(schema.enum[0]) : `one of ${schema.enum.join(", ")}`;
  if (schema.type === "integer") return `an integer from ${schema.minimum} to ${schema.maximum}`;
  return TYPES[schema.type ?? "object"];
}

const TYPES = {
  array: "an array",
  boolean: "true or false",
  integer: "an integer",
  object: "an object",
  string: "a string",
} as const;

const MAX_SHOWN = 60;

/** A value that was found: scalars as they are, unless they are long. */
function show(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}

/** The schema of the entry that a pointer names, with what it refers to. */
function schemaAt(from: Schema, at: string): Schema {
  return tokens(at).reduce((schema, token) => {
    const { properties, items, additionalProperties } = schema;
    const own = properties !== undefined && Object.hasOwn(properties, token) ? properties[token] : undefined;
    return resolve(own ?? items ?? additionalProperties ?? {});
  }, from);
}

function resolve(schema: Schema): Schema {
  const name = schema.$ref?.replace("#/$defs/", "");
  if (name === undefined) return schema;
  const definition = root?.$defs?.[name] ?? {};
  if (name !== "int64" && name !== "uint64") return definition;
  // Not from the schema's numbers, which JavaScript has rounded.
  return { ...definition, title: `an integer from ${BOUNDS[name][0]} to ${BOUNDS[name][1]}` };
}
