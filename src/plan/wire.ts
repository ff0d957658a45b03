/**
 * The wire format of plans, which the executor maps and reads in place (src/executor/plan.c):
 *
 *     header     magic, fingerprint, length of all, failure status, number of sections: u32 each; text: failure
 *     section    number, bytes, operations: u32 each; then the operations
 *     operation  bytes of all: u32; kind: u32; text: message; arguments in the order of the table
 *
 *     number     u64
 *     slot       u64: the number of a slot that holds a descriptor
 *     text       bytes of all: u32; pieces: u32; each piece: slot or 0: u32, length: u32, bytes, NUL
 *     list       bytes of all: u32; texts: u32; the texts
 *     bytes      length: u32; bytes
 *
 * Numbers are little-endian, and everything is padded to four bytes. "Bytes of all" counts what follows the two words
 * that announce it, so a reader can skip.
 * The fingerprint is a hash of the table of operations: an executor refuses plans of another build.
 */
import { TsociError } from "../base/errors.ts";
import type { ArgumentKind, Text } from "./arguments.ts";
import { FINGERPRINT } from "./generated/fingerprint.ts";
import { LENGTH_LIMIT, MAGIC, OPERATION_NUMBERS } from "./operation-numbers.ts";
import { definitions, type Operation, type OperationName, SECTIONS, type Section } from "./operations.ts";
import type { Plan } from "./plan.ts";
import { slots } from "./slots.ts";

/**
 * A buffer that grows. Everything starts at a multiple of four bytes, so that words are plain stores into an array: an
 * engine that has just started is slow at calling, and a plan has thousands of words.
 */
class Writer {
  // Zeroed: padding is not written, and must not hold what was in memory before.
  #bytes = Buffer.alloc(1 << 17);
  #words = new Uint32Array(this.#bytes.buffer);
  /** In words. */
  #length = 0;

  get length(): number {
    return this.#length * 4;
  }

  #reserve(bytes: number): void {
    const needed = this.#length * 4 + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(this.#bytes.length * 2, (needed + 3) & ~3));
    this.#bytes.copy(larger, 0, 0, this.#length * 4);
    this.#bytes = larger;
    this.#words = new Uint32Array(larger.buffer);
  }

  word(value: number): void {
    this.#reserve(4);
    this.#words[this.#length++] = value;
  }

  /** Two words that are only known later: their place. */
  announce(): number {
    this.#reserve(8);
    const place = this.#length;
    this.#length += 2;
    return place;
  }

  /** Fills the announced words: the bytes since then, and another number. */
  settle(place: number, value: number): void {
    this.#words[place] = (this.#length - place - 2) * 4;
    this.#words[place + 1] = value;
  }

  patch(index: number, value: number): void {
    this.#words[index] = value;
  }

  number(value: number | bigint): void {
    this.#reserve(8);
    if (typeof value === "number" && value >= 0 && value <= 0xffffffff) {
      this.#words[this.#length] = value;
      this.#words[this.#length + 1] = 0;
    } else {
      this.#bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), this.#length * 4);
    }
    this.#length += 2;
  }

  /** A slot, or 0 and a string. */
  piece(slot: number, value: string): void {
    // At most three bytes for each UTF-16 unit; two words, NUL and padding.
    this.#reserve(value.length * 3 + 12);
    const start = this.#length * 4 + 8;
    const bytes = value === "" ? 0 : this.#bytes.write(value, start, "utf8");
    this.#words[this.#length] = slot;
    this.#words[this.#length + 1] = bytes;
    this.#bytes[start + bytes] = 0;
    this.#length += 2 + ((bytes + 4) >> 2);
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length + 8);
    this.#words[this.#length++] = value.length;
    this.#bytes.set(value, this.#length * 4);
    this.#length += (value.length + 3) >> 2;
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length * 4);
  }
}

function writeText(writer: Writer, value: Text): void {
  const place = writer.announce();
  if (typeof value === "string") {
    writer.piece(0, value);
    writer.settle(place, 1);
    return;
  }
  for (const piece of value) {
    if (typeof piece === "string") writer.piece(0, piece);
    else writer.piece(slots[piece.slot].number, "");
  }
  writer.settle(place, value.length);
}

function writeList(writer: Writer, values: readonly Text[]): void {
  const place = writer.announce();
  for (const value of values) writeText(writer, value);
  writer.settle(place, values.length);
}

function writeArgument(writer: Writer, kind: ArgumentKind<unknown>, value: unknown): void {
  switch (kind.wire) {
    case "number":
    case "slot":
      writer.number(kind.encode ? kind.encode(value) : 0);
      break;
    case "text":
      writeText(writer, value as Text);
      break;
    case "list":
      writeList(writer, value as readonly Text[]);
      break;
    case "bytes":
      writer.bytes(value instanceof Uint8Array ? value : words(value as readonly number[]));
  }
}

function words(values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}

type Signature = readonly (readonly [string, ArgumentKind<unknown>])[];
const signatures = new Map<string, Signature>();

function signatureOf(name: OperationName): Signature {
  let signature = signatures.get(name);
  if (!signature) {
    signature = Object.entries(definitions[name].args);
    signatures.set(name, signature);
  }
  return signature;
}

function writeOperation(writer: Writer, operation: Operation): void {
  const place = writer.announce();
  writeText(writer, message(operation));
  const values = operation as unknown as Readonly<Record<string, unknown>>;
  for (const [name, kind] of signatureOf(operation.op)) writeArgument(writer, kind, values[name]);
  writer.settle(place, OPERATION_NUMBERS.get(operation.op) ?? 0);
}

/** What an error calls the operation: the entry that asked for it, and what was attempted. */
export function message(operation: Operation): string {
  const says = definitions[operation.op].says(operation);
  return operation.from.startsWith("/") ? `${operation.from}: ${says}` : says;
}

/** Which word of the header holds the length. */
const LENGTH_INDEX = 2;

/** Encodes a plan for the executor. Throws TsociError "plan" when it is longer than the executor takes. */
export function encode(plan: Plan): Uint8Array {
  const writer = new Writer();
  const sections = Object.entries(plan.sections) as [Section, readonly Operation[]][];
  writer.word(MAGIC);
  writer.word(FINGERPRINT);
  writer.word(0);
  writer.word(plan.failureStatus);
  writer.word(sections.length);
  writeText(writer, plan.failure);
  for (const [name, operations] of sections) {
    writer.word(SECTIONS[name]);
    const place = writer.announce();
    for (const operation of operations) writeOperation(writer, operation);
    writer.settle(place, operations.length);
  }
  if (writer.length > LENGTH_LIMIT) {
    throw new TsociError("config", `the plan takes ${writer.length} bytes, more than ${LENGTH_LIMIT}`, { pointer: "" });
  }
  writer.patch(LENGTH_INDEX, writer.length);
  return writer.finish();
}

export type { OperationName };
