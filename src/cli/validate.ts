/** `tsoci validate`: every problem of a configuration at once, and then those that only this host has. */
import { basename, join, resolve } from "node:path";
import { TsociError } from "../base/errors.ts";
import { hostProblems } from "../facts/bundle.ts";
import { planContainer } from "../linux/container.ts";
import type { Operation } from "../plan/operations.ts";
import type { Plan } from "../plan/plan.ts";
import { parseSpec, validateSpecText } from "../spec/load.ts";
import { positions } from "../spec/position.ts";
import { readText } from "../spec/read-json.ts";
import { contextOf } from "./container-context.ts";
import type { RequestOf } from "./declaration.ts";
import type { Surroundings } from "./main.ts";

interface Finding {
  readonly pointer: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly message: string;
  readonly expected: string | undefined;
  /** Whether another host might have no objection. */
  readonly host: boolean;
}

export function validate({ flags, args }: RequestOf<"validate">, surroundings: Surroundings): Plan {
  if (args.file !== undefined && flags.bundle !== undefined) {
    throw new TsociError("usage", "give a bundle or a file, not both");
  }
  const path = args.file === undefined ? join(resolve(flags.bundle ?? "."), "config.json") : resolve(args.file);
  const text = readText(path, args.file === undefined ? "files" : "streams");
  const findings = find(path, text, surroundings);
  const output =
    flags.format === "json" ? `${JSON.stringify(findings, undefined, 2)}\n` : lines(findings, basename(path));
  const host: Operation[] = [{ op: "print", from: "validate", descriptor: 1, text: output }];
  if (findings.length > 0) {
    const count = findings.length === 1 ? "1 problem" : `${findings.length} problems`;
    host.push({ op: "fail", from: "validate", message: `${path}: ${count}`, status: 1 });
  }
  return { failure: "", failureStatus: 1, sections: { host } };
}

function find(path: string, text: string, surroundings: Surroundings): Finding[] {
  const file = basename(path);
  const problems = validateSpecText(text, file);
  if (problems.length > 0) return problems.map((problem) => ({ ...problem, host: false }));
  return hostFindings(path, text, surroundings);
}

/** What only a plan for this host can tell is told for the first entry: planning ends there. */
function hostFindings(path: string, text: string, surroundings: Surroundings): Finding[] {
  const loaded = parseSpec(text, basename(path));
  const position = positions(text);
  const found = hostProblems(loaded.spec, resolve(path, ".."));
  try {
    planContainer(contextOf(loaded, resolve(path, ".."), surroundings));
  } catch (error) {
    if (!(error instanceof TsociError)) throw error;
    found.push({ pointer: error.pointer ?? "", message: error.message });
  }
  return found.map(({ pointer, message }) => ({
    pointer,
    line: position(pointer)?.line,
    column: position(pointer)?.column,
    message,
    expected: undefined,
    host: true,
  }));
}

function lines(findings: readonly Finding[], file: string): string {
  return findings
    .map(({ pointer, line, column, message, expected, host }) => {
      const place = line === undefined ? file : `${file}:${line}:${column}`;
      const wanted = expected === undefined || message.includes(expected) ? "" : ` (expected: ${expected})`;
      return `${place}: ${pointer === "" ? "/" : pointer}: ${message}${wanted}${host ? " [this host]" : ""}\n`;
    })
    .join("");
}
