/** What the planner uses of node:fs, on QuickJS. */
import { host } from "../host.ts";

export const constants = { F_OK: 0, X_OK: 1, W_OK: 2, R_OK: 4 } as const;

/** The numbers of errno on Linux whose names somebody asks for (errno(3)). */
const NAMES: Readonly<Record<number, string>> = {
  1: "EPERM",
  2: "ENOENT",
  5: "EIO",
  13: "EACCES",
  20: "ENOTDIR",
  21: "EISDIR",
  22: "EINVAL",
  36: "ENAMETOOLONG",
  40: "ELOOP",
};

/** Takes what the host answered; throws an error as Node's: with the name of the errno as its `code`. */
function check<T>(answer: T, call: string, path: string): Exclude<T, number> | (T & number) {
  if (typeof answer !== "number" || answer >= 0) return answer as Exclude<T, number>;
  const code = NAMES[-answer] ?? `errno ${-answer}`;
  throw Object.assign(new Error(`${code}: ${call} '${path}'`), { code });
}

export function accessSync(path: string, mode: number): void {
  check(host.access(path, mode), "access", path);
}

export function existsSync(path: string): boolean {
  return host.access(path, constants.F_OK) === 0;
}

export function openSync(path: string): number {
  return check(host.open(path), "open", path);
}

export function closeSync(descriptor: number): void {
  check(host.close(descriptor), "close", String(descriptor));
}

export function readSync(descriptor: number, bytes: Uint8Array): number {
  return check(host.read(bytes.buffer, bytes.byteOffset, bytes.length, descriptor), "read", String(descriptor));
}

export function writeSync(descriptor: number, bytes: Uint8Array, offset = 0): number {
  const { buffer, byteOffset, length } = bytes;
  return check(host.write(buffer, byteOffset + offset, length - offset, descriptor), "write", String(descriptor));
}

/** Always as text: nothing else is asked for. */
export function readFileSync(path: string): string {
  return check(host.readFile(path), "open", path) as string;
}

export function readdirSync(path: string): string[] {
  return check(host.readDirectory(path), "scandir", path) as string[];
}

const TYPE = 0o170000;
const DIRECTORY = 0o040000;
const FILE = 0o100000;

class Stats {
  readonly mode: number;
  readonly uid: number;

  constructor([mode, uid]: [number, number]) {
    this.mode = mode;
    this.uid = uid;
  }

  isDirectory(): boolean {
    return (this.mode & TYPE) === DIRECTORY;
  }

  isFile(): boolean {
    return (this.mode & TYPE) === FILE;
  }
}

export function statSync(path: string): Stats {
  return new Stats(check(host.stat(path, false), "stat", path) as [number, number]);
}

export function lstatSync(path: string): Stats {
  return new Stats(check(host.stat(path, true), "lstat", path) as [number, number]);
}
