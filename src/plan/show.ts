/** A plan as people read it: a list, shell commands, or JSON. */
import type { ArgumentKind } from "./arguments.ts";
import { definitions, type Operation, SECTIONS, type Section } from "./operations.ts";
import type { Plan } from "./plan.ts";

interface Line {
  readonly section: Section;
  readonly operation: Operation;
}

/** The sections in the order in which a container lives, those of later commands behind. */
function lines(plan: Plan): Line[] {
  const own = sectionLines(plan);
  return plan.later ? [...own, ...sectionLines(plan.later).filter(({ section }) => !(section in plan.sections))] : own;
}

function sectionLines({ sections }: Plan): Line[] {
  const names = (Object.keys(SECTIONS) as Section[]).filter((name) => sections[name] !== undefined);
  return names.flatMap((section) => (sections[section] ?? []).map((operation) => ({ section, operation })));
}

function columns(rows: readonly (readonly [string, string, string])[]): string {
  const width = (column: 0 | 1) => Math.max(0, ...rows.map((row) => row[column].length));
  const [first, second] = [width(0), width(1)];
  return rows.map(([a, b, c]) => `${a.padEnd(first)}  ${b.padEnd(second)}  ${c}\n`).join("");
}

/** One operation a line: section, the entry that asked for it, what will be attempted. */
export function planText(plan: Plan): string {
  return columns(
    lines(plan).map(({ section, operation }) => [section, operation.from, definitions[operation.op].says(operation)]),
  );
}

/** One operation a line, as a person would type it. */
export function shellText(plan: Plan): string {
  return columns(
    lines(plan).map(({ section, operation }) => {
      const command = definitions[operation.op].shell(operation);
      return [section, operation.from, shorten(command)];
    }),
  );
}

const LONGEST_COMMAND = 400;

/** Files that are written whole (config.json) would drown everything else. */
function shorten(command: string): string {
  const line = command.replaceAll("\n", "\\n");
  return line.length > LONGEST_COMMAND ? `${line.slice(0, LONGEST_COMMAND)}…` : line;
}

/** The plan as JSON: sections of operations, each with `op`, `from` and its arguments by name. */
export function planJson(plan: Plan): string {
  const value = {
    failure: plan.failure,
    failureStatus: plan.failureStatus,
    sections: jsonSections(plan),
    ...(plan.later ? { later: jsonSections(plan.later) } : {}),
  };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function jsonSections({ sections }: Plan): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(sections).map(([name, operations]) => [name, operations.map(jsonOperation)]),
  );
}

function jsonOperation(operation: Operation): Record<string, unknown> {
  const values = operation as unknown as Readonly<Record<string, unknown>>;
  const args = Object.entries(definitions[operation.op].args).map(([name, kind]) => [
    name,
    jsonValue(kind, values[name]),
  ]);
  return { op: operation.op, from: operation.from, ...Object.fromEntries(args) };
}

/** What JSON can't hold: numbers beyond 2^53 become strings, bytes become base64. */
function jsonValue(kind: ArgumentKind<unknown>, value: unknown): unknown {
  if (typeof value === "bigint") return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString("base64") };
  return kind.wire === "bytes" && Array.isArray(value) ? [...value] : value;
}
