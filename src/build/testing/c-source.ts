/** For the tests: the executor's C, as far as a test has to understand it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface CFunction {
  readonly name: string;
  /** Where it starts and ends, in lines from 0. */
  readonly start: number;
  readonly lines: number;
}

export interface CCall {
  readonly name: string;
  /** The function that it stands in. */
  readonly caller: string;
  /** The text between its parentheses, strings replaced by "". */
  readonly args: string;
}

const EXECUTOR = fileURLToPath(new URL("../../executor", import.meta.url));

/** The files by name, without what is generated and what is for fuzzing. */
export function executorSources(): ReadonlyMap<string, string> {
  const names = readdirSync(EXECUTOR).filter((name) => /\.[ch]$/.test(name));
  return new Map(names.map((name) => [name, readFileSync(join(EXECUTOR, name), "utf8")]));
}

/** Comments and the contents of strings taken out, lines kept. */
export function bare(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ""))
    .replace(/"(?:\\.|[^"\\\n])*"/g, '""');
}

/** Definitions: what starts at the beginning of a line and has its braces there too, or on that line. */
export function functionsOf(text: string): CFunction[] {
  const found: CFunction[] = [];
  const lines = bare(text).split("\n");
  let start = -1;
  lines.forEach((line, index) => {
    if (/^[A-Za-z_].*\b\w+\(/.test(line) && !/;\s*$|^#|^typedef/.test(line)) start = index;
    if (line !== "}" || start < 0) return;
    const name = /(\w+)\(/.exec((lines[start] ?? "").replace(/__attribute__\(\(.*?\)\)/, ""))?.[1] ?? "";
    found.push({ name, start, lines: index - start + 1 });
    start = -1;
  });
  return found;
}

/** Calls of these functions. */
export function callsOf(text: string, names: readonly string[]): CCall[] {
  const source = bare(text);
  const functions = functionsOf(text);
  const calls = source.matchAll(new RegExp(`(?<![\\w.>])(${names.join("|")})\\(`, "g"));
  return [...calls].map((match) => {
    const line = source.slice(0, match.index).split("\n").length - 1;
    const caller = functions.find(({ start, lines }) => start <= line && line < start + lines)?.name ?? "";
    return { name: match[1] ?? "", caller, args: upToParenthesis(source, match.index + match[0].length) };
  });
}

function upToParenthesis(source: string, start: number): string {
  let depth = 1;
  let end = start;
  for (; depth > 0 && end < source.length; end++) {
    if (source[end] === "(") depth++;
    if (source[end] === ")") depth--;
  }
  return source.slice(start, end - 1);
}
