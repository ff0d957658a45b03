/** Reads a file of JSON within bounds. What is wrong with it is one TsociError with one line of text. */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { basename } from "node:path";
import { TsociError } from "../base/errors.ts";
import { scanJson } from "./json-scan.ts";
import { positionAt } from "./position.ts";

/** Far above any real configuration, and little enough to hold several times in memory. */
export const MAX_BYTES = 16 * 1024 * 1024;

const CHUNK = 64 * 1024;

/** For readText, in place of a path. Its name would not do: a socket can't be opened by one. */
export const STANDARD_INPUT = 0;

/** Whether a path may lead to something that has to be waited for: "streams" for what a person names (`-f <(…)`). */
export type Readable = "files" | "streams";

/**
 * Reads a text file, or a pipe or terminal where those are welcome, of at most MAX_BYTES of UTF-8. Throws TsociError
 * "file" when it can't be read or is too long, "json" when it is not UTF-8.
 */
export function readText(path: string | typeof STANDARD_INPUT, readable: Readable = "files"): string {
  const file = path === STANDARD_INPUT ? "standard input" : basename(path);
  const place = path !== STANDARD_INPUT && readable === "streams" ? ofCaller(path) : path;
  if (place !== STANDARD_INPUT) refuseOthers(place, file, readable);
  const bytes = readBytes(place, file);
  if (bytes.subarray(0, 3).equals(BYTE_ORDER_MARK)) {
    throw new TsociError("json", `a byte order mark is not allowed in JSON (${file}:1:1)`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new TsociError("json", `not UTF-8 (${file}:${invalidLine(bytes)}:1)`, { cause });
  }
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** A descriptor of the caller, as `<(…)` names it, stays with the front door, our parent. */
function ofCaller(path: string): string {
  const number = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path)?.[1];
  return number === undefined ? path : `/proc/${process.ppid}/fd/${number}`;
}

/** S_IFMT of inode(7), and what has to be waited for or has effects when it is only opened. */
const TYPE = 0o170000;
const OTHERS = [
  { type: 0o010000, words: "a FIFO", stream: true },
  { type: 0o020000, words: "a character device", stream: true },
  { type: 0o060000, words: "a block device", stream: false },
  { type: 0o140000, words: "a socket", stream: false },
] as const;

function refuseOthers(path: string, file: string, readable: Readable): void {
  const mode = modeOf(path);
  const other = OTHERS.find(({ type }) => (mode & TYPE) === type);
  if (other === undefined || (other.stream && readable === "streams")) return;
  throw new TsociError("file", `can't read ${path}: ${file} is ${other.words}, not a regular file`);
}

function modeOf(path: string): number {
  try {
    return statSync(path).mode;
  } catch {
    // Opening it tells why.
    return 0;
  }
}

function readBytes(path: string | typeof STANDARD_INPUT, file: string): Buffer {
  let descriptor: number | undefined;
  try {
    descriptor = path === STANDARD_INPUT ? path : openSync(path, "r");
    const chunks: Buffer[] = [];
    for (let total = 0; total <= MAX_BYTES; ) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const length = readSync(descriptor, chunk);
      if (length === 0) return Buffer.concat(chunks, total);
      chunks.push(chunk.subarray(0, length));
      total += length;
    }
  } catch (cause) {
    throw new TsociError("file", unreadable(path || file, file, cause), { cause });
  } finally {
    if (descriptor !== undefined && descriptor !== STANDARD_INPUT) closeSync(descriptor);
  }
  throw new TsociError("file", `${file} is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  ENOTDIR: "not a directory",
  EISDIR: "is a directory",
  EACCES: "permission denied",
  ELOOP: "too many levels of symbolic links",
  ENAMETOOLONG: "file name too long",
};

function unreadable(path: string, file: string, cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  // The text that callers of runc look for.
  if (code === "ENOENT" && file === "config.json") return "JSON specification file config.json not found";
  return `can't read ${path}: ${REASONS[code] ?? (code || "unknown error")}`;
}

function invalidLine(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const rest = bytes.subarray(start, end === -1 ? bytes.length : end);
    if (!Buffer.from(rest.toString("utf8"), "utf8").equals(rest)) return line;
    start = end === -1 ? bytes.length : end + 1;
  }
  return line;
}

/** Parses JSON; of duplicated names the last one counts, as in Go. Throws TsociError "json" with the place of the error. */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (text.trim() === "") throw new TsociError("json", `${file} is empty`, { cause });
    // An engine that can't nest as deep as the text does says so with another error.
    const problem = cause instanceof SyntaxError ? scanJson(text) : undefined;
    if (problem === undefined) throw new TsociError("json", `${file} is nested too deeply`, { cause });
    const { line, column } = positionAt(text, problem.offset);
    throw new TsociError("json", `${problem.message} (${file}:${line}:${column})`, { cause });
  }
}
