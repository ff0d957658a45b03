/**
 * A strict reader of JSON text (RFC 8259) that keeps offsets instead of values: for the place of a syntax error, which
 * each JavaScript engine reports in its own way or not at all, and for the places of values. It never recurses, so no
 * nesting is too deep for it. JSON.parse stays the one that makes values.
 */
import { pointer } from "../base/pointer.ts";

/** Why text is not JSON, and where. */
export interface SyntaxProblem {
  readonly offset: number;
  readonly message: string;
}

/** Called for every value in document order; `end` is exact for strings, numbers and words. `at` makes its pointer. */
export type Visit = (at: () => string, start: number, end: number) => void;

/** An array or object that is open; `key` is the index or the name of the value being read. */
interface Frame {
  readonly array: boolean;
  key: string | number;
}

/** Reads all of the text. Returns its first syntax error, or undefined. */
export function scanJson(text: string, visit?: Visit): SyntaxProblem | undefined {
  const stack: Frame[] = [];
  const at = () => pointer("", ...stack.map((frame) => frame.key));
  let step: number | SyntaxProblem = space(text, 0);
  while (typeof step === "number") {
    const start: number = step;
    const opened: boolean = text[start] === "{" || text[start] === "[";
    step = opened ? start + 1 : scalar(text, start);
    if (typeof step !== "number") return step;
    visit?.(at, start, step);
    step = opened ? open(text, start, stack) : close(text, step, stack);
    if (step === text.length && stack.length === 0) return undefined;
  }
  return step;
}

/** After "{" or "[": the offset of the first value inside, or of what follows when there is none. */
function open(text: string, start: number, stack: Frame[]): number | SyntaxProblem {
  const array = text[start] === "[";
  const at = space(text, start + 1);
  if (text[at] === (array ? "]" : "}")) return close(text, at + 1, stack);
  const frame: Frame = { array, key: 0 };
  stack.push(frame);
  return array ? at : name(text, at, frame);
}

/** After a value: leaves what ends here, and returns the offset of the next value, or the end of the text. */
function close(text: string, from: number, stack: Frame[]): number | SyntaxProblem {
  for (let at = space(text, from); ; at = space(text, at + 1)) {
    const frame = stack.at(-1);
    if (frame === undefined) return at === text.length ? at : expected(text, at, "the end of the file");
    if (text[at] === ",") {
      if (typeof frame.key === "number") frame.key++;
      const next = space(text, at + 1);
      return frame.array ? next : name(text, next, frame);
    }
    if (text[at] !== (frame.array ? "]" : "}")) return expected(text, at, frame.array ? '"," or "]"' : '"," or "}"');
    stack.pop();
  }
}

/** Reads a property name and its colon into the frame; returns the offset of the value. */
function name(text: string, start: number, frame: Frame): number | SyntaxProblem {
  if (text[start] !== '"') return expected(text, start, "a property name in double quotes");
  const end = string(text, start);
  if (typeof end !== "number") return end;
  const raw = text.slice(start + 1, end - 1);
  frame.key = raw.includes("\\") ? String(JSON.parse(text.slice(start, end))) : raw;
  const colon = space(text, end);
  return text[colon] === ":" ? space(text, colon + 1) : expected(text, colon, '":"');
}

const SCALAR = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** Reads a string, a number or a word; returns the offset after it. */
function scalar(text: string, start: number): number | SyntaxProblem {
  if (text[start] === '"') return string(text, start);
  SCALAR.lastIndex = start;
  return SCALAR.test(text) ? SCALAR.lastIndex : expected(text, start, "a value");
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

function string(text: string, start: number): number | SyntaxProblem {
  let at = start + 1;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (Number.isNaN(code)) return { offset: start, message: "this string has no end" };
    if (code < 0x20) return { offset: at, message: "a control character in a string must be escaped" };
    if (code === 0x5c) {
      ESCAPE.lastIndex = at;
      if (!ESCAPE.test(text)) return expected(text, at, "a valid escape sequence");
      at = ESCAPE.lastIndex;
    } else at++;
  }
}

function space(text: string, from: number): number {
  for (let at = from; ; at++) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
  }
}

function expected(text: string, offset: number, what: string): SyntaxProblem {
  const character = text.codePointAt(offset);
  const found = character === undefined ? "the end of the file" : JSON.stringify(String.fromCodePoint(character));
  return { offset, message: `expected ${what}, found ${found}` };
}
