/** The globals of Node that the planner uses and QuickJS lacks. Loaded before everything else. */
import { host } from "./host.ts";

class Buffer extends Uint8Array {
  declare write: typeof host.encode;

  equals(other: Uint8Array): boolean {
    return this.length === other.length && compare(this, other) === 0;
  }

  copy(target: Uint8Array, targetStart: number, start: number, end: number): void {
    target.set(this.subarray(start, end), targetStart);
  }

  writeBigUInt64LE(value: bigint, offset: number): void {
    new DataView(this.buffer, this.byteOffset + offset, 8).setBigUint64(0, value, true);
  }

  override toString(encoding?: string): string {
    if (encoding === "base64") return base64(this);
    return host.decode(this.buffer, this.byteOffset, this.length, false) ?? "";
  }
}

Buffer.prototype.write = host.encode;

function from(source: string | Iterable<number>): Buffer {
  if (typeof source !== "string") return new Buffer(source);
  const bytes = new Buffer(source.length * 3);
  return bytes.subarray(0, bytes.write(source, 0)) as Buffer;
}

function concat(chunks: readonly Uint8Array[], length: number): Buffer {
  const all = new Buffer(length);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index++) {
    if (a[index] !== b[index]) return (a[index] as number) - (b[index] as number);
  }
  return a.length - b.length;
}

function base64(bytes: Uint8Array): string {
  let characters = "";
  for (const byte of bytes) characters += String.fromCharCode(byte);
  return btoa(characters);
}

const alloc = (length: number) => new Buffer(length);
const byteLength = (text: string) => from(text).length;

Object.assign(Buffer, { alloc, allocUnsafe: alloc, byteLength, compare, concat, from });

/** Only in the strict kind, which takes a byte order mark for a character. */
class TextDecoder {
  decode({ buffer, byteOffset, length }: Uint8Array): string {
    const text = host.decode(buffer, byteOffset, length, true);
    if (text === undefined) throw new TypeError("not UTF-8");
    return text;
  }
}

/** What the environment may hold for the planner is what the front door passes on (src/executor/planner.c). */
const env = new Proxy({}, { get: (_, name) => host.variable(String(name)) });

const process = {
  get argv(): string[] {
    return ["tsoci-planner", "planner.js", ...host.arguments()];
  },
  env,
  arch: TSOCI_ARCH,
  get ppid(): number {
    return host.facts().ppid;
  },
  umask: (): number => host.facts().umask,
  geteuid: (): number => host.facts().euid,
  getegid: (): number => host.facts().egid,
};

/** The architecture of the program, as Node's process.arch names it; the build knows. */
declare const TSOCI_ARCH: string;

Object.assign(globalThis, { Buffer, TextDecoder, process });
