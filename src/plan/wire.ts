/**
 * The wire format of plans, which the executor maps and reads in place (src/executor/plan.c):
 *
 *     header     magic, fingerprint, length of all, failure status, number of sections: u32 each; text: failure
 *     section    number, operations, bytes: u32 each; then the operations
 *     operation  bytes of all: u32; kind: u32; text: message; arguments in the order of the table
 *
 *     number     u64
 *     slot       u64: the number of a slot that holds a descriptor
 *     text       bytes of all: u32; pieces: u32; each piece: slot or 0: u32, length: u32, bytes, NUL
 *     list       bytes of all: u32; texts: u32; the texts
 *     bytes      length: u32; bytes
 *
 * Numbers are little-endian. "Bytes of all" counts what follows the two words that announce it, so a reader can skip.
 * The fingerprint is a hash of the table of operations: an executor refuses plans of another build.
 */
import { TsociError } from "../base/errors.ts";
import type { ArgumentKind, Text } from "./arguments.ts";
import { FINGERPRINT } from "./generated/fingerprint.ts";
import { LENGTH_LIMIT, MAGIC, OPERATION_NUMBERS } from "./operation-numbers.ts";
import {
  definitions,
  type Operation,
  type OperationDefinition,
  type OperationName,
  SECTIONS,
  type Section,
} from "./operations.ts";
import type { Plan } from "./plan.ts";
import { slots } from "./slots.ts";

/** A buffer that grows; positions are byte offsets. */
class Writer {
  #buffer = Buffer.allocUnsafe(1 << 16);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  word(value: number): void {
    this.#reserve(4);
    this.#length = this.#buffer.writeUInt32LE(value, this.#length);
  }

  patch(position: number, value: number): void {
    this.#buffer.writeUInt32LE(value, position);
  }

  number(value: number | bigint): void {
    this.#reserve(8);
    if (typeof value === "number" && value >= 0 && value <= 0xffffffff) {
      this.#buffer.writeUInt32LE(value, this.#length);
      this.#buffer.writeUInt32LE(0, this.#length + 4);
    } else {
      this.#buffer.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), this.#length);
    }
    this.#length += 8;
  }

  string(value: string): void {
    // At most three bytes for each UTF-16 unit.
    this.#reserve(4 + value.length * 3 + 1);
    const bytes = this.#buffer.write(value, this.#length + 4, "utf8");
    this.#buffer.writeUInt32LE(bytes, this.#length);
    this.#buffer[this.#length + 4 + bytes] = 0;
    this.#length += 4 + bytes + 1;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(4 + value.length);
    this.#buffer.writeUInt32LE(value.length, this.#length);
    this.#buffer.set(value, this.#length + 4);
    this.#length += 4 + value.length;
  }

  finish(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }
}

function writeText(writer: Writer, value: Text): void {
  const start = writer.length;
  const pieces = typeof value === "string" ? [value] : value;
  writer.word(0);
  writer.word(pieces.length);
  for (const piece of pieces) {
    writer.word(typeof piece === "string" ? 0 : slots[piece.slot].number);
    writer.string(typeof piece === "string" ? piece : "");
  }
  writer.patch(start, writer.length - start - 8);
}

function writeList(writer: Writer, values: readonly Text[]): void {
  const start = writer.length;
  writer.word(0);
  writer.word(values.length);
  for (const value of values) writeText(writer, value);
  writer.patch(start, writer.length - start - 8);
}

function writeArgument(writer: Writer, kind: ArgumentKind<unknown>, value: unknown): void {
  switch (kind.wire) {
    case "number":
    case "slot":
      return writer.number(kind.encode ? kind.encode(value) : 0);
    case "text":
      return writeText(writer, value as Text);
    case "list":
      return writeList(writer, value as readonly Text[]);
    case "bytes":
      return writer.bytes(value instanceof Uint8Array ? value : words(value as readonly number[]));
  }
}

function words(values: readonly number[]): Uint8Array {
  const buffer = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    buffer.writeUInt32LE(value, index * 4);
  });
  return buffer;
}

function writeOperation(writer: Writer, operation: Operation): void {
  const definition: OperationDefinition = definitions[operation.op];
  const start = writer.length;
  writer.word(0);
  writer.word(OPERATION_NUMBERS.get(operation.op) ?? 0);
  writeText(writer, message(operation));
  const values = operation as unknown as Readonly<Record<string, unknown>>;
  for (const [name, kind] of Object.entries(definition.args)) writeArgument(writer, kind, values[name]);
  writer.patch(start, writer.length - start - 8);
}

/** What an error calls the operation: the entry that asked for it, and what was attempted. */
export function message(operation: Operation): string {
  const says = definitions[operation.op].says(operation);
  return operation.from.startsWith("/") ? `${operation.from}: ${says}` : says;
}

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
    writer.word(operations.length);
    const start = writer.length;
    writer.word(0);
    for (const operation of operations) writeOperation(writer, operation);
    writer.patch(start, writer.length - start - 4);
  }
  if (writer.length > LENGTH_LIMIT) {
    throw new TsociError("config", `the plan takes ${writer.length} bytes, more than ${LENGTH_LIMIT}`, { pointer: "" });
  }
  writer.patch(8, writer.length);
  return writer.finish();
}

export type { OperationName };
