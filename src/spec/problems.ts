/** Everything that is wrong with a file, as one list in the order of the file: the schema, the integers, the rules. */
import { TsociError } from "../base/errors.ts";
import { tokens } from "../base/pointer.ts";
import { describe } from "./describe.ts";
import type { Validator } from "./generated/validate.js";
import { boundsProblem, type WideInteger, type WideTree } from "./integers.ts";
import { containers, locate, type Position, positionAt } from "./position.ts";
import type { Report, Rule, Source } from "./rule.ts";

/** A file that was parsed and normalised. */
export interface Document {
  readonly file: string;
  readonly text: string;
  readonly value: unknown;
  readonly integers: ReadonlyMap<string, WideInteger>;
}

/** How a kind of file is checked; `place` is where its value belongs in config.json: "", "/process". */
export interface Kind<Value> {
  readonly place: string;
  /** Where it has 64-bit integers. */
  readonly wide: WideTree;
  readonly validator: Validator<Value>;
  readonly rules: readonly Rule<Value>[];
}

/** One entry that is wrong. The message is a sentence without pointer and position; `expected`: in short, if known. */
export interface Problem extends Position {
  readonly pointer: string;
  readonly message: string;
  readonly expected: string | undefined;
}

type Finding = Omit<Problem, keyof Position>;

/** A file that is wrong all over: nobody reads more. */
const MAX_PROBLEMS = 100;

/** Tells whether a document is right, without saying why not: the check of every `create`. */
export function isValid<Value>(
  document: Document,
  kind: Kind<Value>,
): document is Document & { readonly value: Value } {
  const { value } = document;
  return kind.validator(value) && wideFindings(document).length === 0 && !breaksRule(document, kind, value);
}

function breaksRule<Value>(document: Document, kind: Kind<Value>, value: Value): boolean {
  let broken = false;
  const report = () => {
    broken = true;
  };
  return kind.rules.some((rule) => {
    rule.check(value, report, source(document));
    return broken;
  });
}

/** Finds every problem of a document, or the first hundred; [] when it is right. */
export function findProblems<Value>(document: Document, kind: Kind<Value>): Problem[] {
  const findings = new Map<string, Finding>();
  const add = (finding: Finding) => {
    const key = `${finding.pointer}\n${finding.message}`;
    if (findings.size < MAX_PROBLEMS && !findings.has(key)) findings.set(key, finding);
  };
  const { value } = document;
  if (!kind.validator(value)) {
    for (const error of kind.validator.errors ?? []) describe(error, value, kind.place).forEach(add);
  }
  wideFindings(document).forEach(add);
  const faults = [...findings.values()].map((finding) => finding.pointer);
  for (const rule of kind.rules) {
    const readable = withoutFaults(value, rule, faults);
    if (readable === undefined) continue;
    // What a rule reads is what the schema found right, whatever else is wrong.
    const report: Report = (pointer, message) => add({ pointer, message, expected: undefined });
    rule.check(readable as Value, report, source(document));
  }
  return place([...findings.values()], document.text);
}

/** Makes the error of a command out of the first problem. */
export function problemError({ pointer, message, line, column }: Problem, file: string): TsociError {
  return new TsociError("config", `${message} (${file}:${line}:${column})`, { pointer });
}

function source({ text, integers }: Document): Source {
  return { text, exact: (pointer) => integers.get(pointer)?.value };
}

/** Whether a fault at one place touches what is read at another: one contains the other. */
function concerns(fault: string, read: string): boolean {
  return fault === read || fault.startsWith(`${read}/`) || read.startsWith(`${fault}/`);
}

/** What a rule can read: all of a value, or all but faulty entries of lists, or nothing. */
function withoutFaults<Value>(value: unknown, rule: Rule<Value>, faults: readonly string[]): unknown {
  const touching = faults.filter((fault) => rule.reads.some((read) => concerns(fault, read)));
  if (touching.length === 0) return value;
  const entries = touching.map((fault) => entryWith(fault, rule.each ?? []));
  // Where there may be more faults than are known nothing can be relied on.
  if (faults.length >= MAX_PROBLEMS || entries.includes(undefined)) return undefined;
  const copy: unknown = JSON.parse(JSON.stringify(value));
  // A hole: the entries after it keep their numbers.
  for (const entry of entries as string[]) {
    const path = tokens(entry);
    const list = path.slice(0, -1).reduce<unknown>((at, token) => Reflect.get(Object(at), token), copy);
    Reflect.deleteProperty(Object(list), path.at(-1) ?? "");
  }
  return copy;
}

/** The entry of one of the lists that a fault stands in: "/mounts/3" for "/mounts/3/options/0". */
function entryWith(fault: string, lists: readonly string[]): string | undefined {
  const list = lists.find((each) => fault.startsWith(`${each}/`));
  const index = list === undefined ? undefined : fault.slice(list.length + 1).split("/")[0];
  return index === undefined ? undefined : `${list}/${index}`;
}

/** Integers that are out of bounds by less than what JavaScript rounds away. */
function wideFindings({ integers }: Document): Finding[] {
  const findings: Finding[] = [];
  for (const [pointer, integer] of integers) {
    const expected = boundsProblem(integer);
    if (expected !== undefined)
      findings.push({ pointer, message: `must be ${expected}, not ${integer.value}`, expected });
  }
  return findings;
}

function place(findings: readonly Finding[], text: string): Problem[] {
  const wanted = new Set(findings.flatMap(({ pointer }) => [...containers(pointer)]));
  const offsets = locate(text, wanted);
  return findings
    .map((finding) => {
      const known = [...containers(finding.pointer)].find((pointer) => offsets.has(pointer));
      return { finding, offset: offsets.get(known ?? "") ?? 0 };
    })
    .sort((a, b) => a.offset - b.offset)
    .map(({ finding, offset }) => ({ ...finding, ...positionAt(text, offset) }));
}
