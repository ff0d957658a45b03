/**
 * Reads config.json, or a part of it in a file of its own, and answers for it: what comes out has been checked against
 * the schema and every rule, holds no nulls, and is never changed. The first problem is thrown.
 */
import { basename } from "node:path";
import { TsociError } from "../base/errors.ts";
import type { Process, Resources, Spec } from "./generated/config.ts";
import { validateProcess, validateResources, validateSpec } from "./generated/validate.js";
import { exactIntegers, WIDE_PLACES } from "./integers.ts";
import { normalise } from "./normalise.ts";
import { type Position, positions } from "./position.ts";
import { type Document, findProblems, isValid, type Kind, type Problem, problemError } from "./problems.ts";
import { parseJson, type Readable, readText } from "./read-json.ts";
import { processRules, rules, updateRules } from "./rules.ts";

/** A file that was found right. Pointers are JSON Pointers from the file's own root. */
interface Loaded {
  /** The file as it was read. */
  readonly text: string;
  /** The exact value of an integer beyond 2^53, which the parsed value only holds rounded; undefined for all others. */
  exact(pointer: string): bigint | undefined;
  /** Where an entry stands in the file, or what contains it when it is not there; undefined for what is no pointer. */
  position(pointer: string): Position | undefined;
}

export interface LoadedSpec extends Loaded {
  readonly spec: Spec;
}

export interface LoadedProcess extends Loaded {
  readonly process: Process;
}

export interface LoadedResources extends Loaded {
  readonly resources: Resources;
}

const SPEC: Kind<Spec> = { place: "", wide: WIDE_PLACES.spec, validator: validateSpec, rules };
const PROCESS: Kind<Process> = {
  place: "/process",
  wide: WIDE_PLACES.process,
  validator: validateProcess,
  rules: processRules,
};
const RESOURCES: Kind<Resources> = {
  place: "/linux/resources",
  wide: WIDE_PLACES.resources,
  validator: validateResources,
  rules: updateRules,
};

/**
 * Loads a config.json (config.md). Throws TsociError "file" when it can't be read, "json" when it is not JSON, and
 * "config" for its first problem, with pointer and position.
 */
export function loadSpec(path: string, readable?: Readable): LoadedSpec {
  return parseSpec(readText(path, readable), basename(path));
}

/** As loadSpec, for text that was read already; `file` is what messages call it. */
export function parseSpec(text: string, file: string): LoadedSpec {
  const { value, ...loaded } = load(text, file, SPEC);
  return { spec: value, ...loaded };
}

/** Loads the file of `exec --process`: what config.json has as `process` (config.md, Process). Throws like loadSpec. */
export function loadProcess(path: string): LoadedProcess {
  const { value, ...loaded } = load(readText(path, "streams"), basename(path), PROCESS);
  return { process: value, ...loaded };
}

/**
 * Loads what `update --resources` reads: what config.json has as `linux.resources` (config-linux.md, Control groups).
 * `file` is what messages call it. Throws like loadSpec, but for "file".
 */
export function loadResources(text: string, file: string): LoadedResources {
  const { value, ...loaded } = load(text, file, RESOURCES);
  return { resources: value, ...loaded };
}

/**
 * Finds every problem of the text of a config.json, in the order of the text, or the first hundred; [] when parseSpec
 * would load it. Throws TsociError "json" when it is not JSON.
 */
export function validateSpecText(text: string, file: string): Problem[] {
  return findProblems(read(text, file, SPEC), SPEC);
}

function read<Value>(text: string, file: string, { wide }: Kind<Value>): Document {
  const value = parseJson(text, file);
  normalise(value, text, file);
  return { text, file, value, integers: exactIntegers(text, value, wide) };
}

function load<Value>(text: string, file: string, kind: Kind<Value>): Loaded & { readonly value: Value } {
  const document = read(text, file, kind);
  if (!isValid(document, kind)) {
    const [problem] = findProblems(document, kind);
    throw problem === undefined ? new TsociError("config", `${file} is not valid`) : problemError(problem, file);
  }
  const { value, integers } = document;
  return { value, text, exact: (pointer) => integers.get(pointer)?.value, position: positions(text) };
}
