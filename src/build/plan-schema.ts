/** Writes the JSON Schema of what `tsoci plan --format json` prints, from the table of operations. */
import type { ArgumentKind } from "../plan/arguments.ts";
import { definitions, type OperationDefinition, SECTIONS, type Section } from "../plan/operations.ts";
import { slots } from "../plan/slots.ts";

type Schema = Readonly<Record<string, unknown>>;

const reference = (name: string): Schema => ({ $ref: `#/$defs/${name}` });

/** One for each `describe` of arguments.ts. */
const KINDS: Readonly<Record<string, (kind: ArgumentKind<unknown>) => Schema>> = {
  "unsigned integer": () => reference("Number"),
  integer: () => ({ type: "integer" }),
  "file mode": () => ({ type: "integer", minimum: 0, maximum: 0o7777 }),
  text: () => reference("Text"),
  "list of texts": () => ({ type: "array", items: reference("Text") }),
  bytes: () => reference("Bytes"),
  "list of 32-bit integers": () => ({ type: "array", items: { type: "integer", minimum: 0, maximum: 0xffffffff } }),
  slot: () => reference("Slot"),
  flags: ({ names = [] }) => ({ type: "array", uniqueItems: true, items: { enum: names } }),
  name: ({ names = [] }) => ({ enum: names }),
};

const VALUES: Schema = {
  Number: {
    description: "Beyond 2^53 a string of digits.",
    anyOf: [
      { type: "integer", minimum: 0 },
      { type: "string", pattern: "^[0-9]+$" },
    ],
  },
  Text: {
    description: "A string, or pieces of which some are slots.",
    anyOf: [
      { type: "string" },
      {
        type: "array",
        minItems: 1,
        items: {
          anyOf: [
            { type: "string" },
            {
              type: "object",
              properties: { slot: reference("Slot") },
              required: ["slot"],
              additionalProperties: false,
            },
          ],
        },
      },
    ],
  },
  Bytes: {
    type: "object",
    properties: { base64: { type: "string", contentEncoding: "base64" } },
    required: ["base64"],
    additionalProperties: false,
  },
  Slot: { description: "A value that is unknown while planning.", enum: Object.keys(slots) },
};

export function planSchema(): string {
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "urn:tsoci:schema:plan",
    title: "A plan, as `tsoci plan --format json` prints it",
    description: "Generated from src/plan/operations.ts by src/build/plan-schema.ts.",
    type: "object",
    properties: {
      failure: { ...reference("Text"), description: "Stands before the message of an operation that fails." },
      failureStatus: { type: "integer", minimum: 0, maximum: 255 },
      sections: reference("Sections"),
      later: { ...reference("Sections"), description: "What later commands do; `create` stores it." },
    },
    required: ["failure", "failureStatus", "sections"],
    additionalProperties: false,
    $defs: { Sections: sections(), ...operationSchemas(), ...VALUES },
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** An operation is allowed only where the table says. */
function sections(): Schema {
  const names = Object.keys(SECTIONS) as Section[];
  const allowed = (section: Section) =>
    Object.entries(definitions).filter(([, { places }]) => places.includes(section));
  return {
    type: "object",
    properties: Object.fromEntries(
      names.map((section) => [
        section,
        { type: "array", items: { anyOf: allowed(section).map(([name]) => reference(`operation.${name}`)) } },
      ]),
    ),
    additionalProperties: false,
  };
}

function operationSchemas(): Schema {
  return Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [`operation.${name}`, operationSchema(name, definition)]),
  );
}

function operationSchema(name: string, { about, args }: OperationDefinition): Schema {
  const properties = Object.entries(args).map(([argument, kind]) => [argument, KINDS[kind.describe]?.(kind) ?? false]);
  return {
    description: about,
    type: "object",
    properties: {
      op: { const: name },
      from: { type: "string", minLength: 1, description: "The JSON Pointer, flag or rule that asked for it." },
      ...Object.fromEntries(properties),
    },
    required: ["op", "from", ...Object.keys(args)],
    additionalProperties: false,
  };
}
