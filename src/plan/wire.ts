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
import type { ArgumentKind, SlotReference, Text, WireKind } from "./arguments.ts";
import { FINGERPRINT } from "./generated/fingerprint.ts";
import { LENGTH_LIMIT, MAGIC, OPERATION_NUMBERS } from "./operation-numbers.ts";
import { definitions, type Operation, type OperationName, SECTIONS, type Section } from "./operations.ts";
import type { Plan } from "./plan.ts";
import { slots } from "./slots.ts";

/**
 * The plan that is being encoded, in a buffer that grows; there is never more than one. Everything starts at a multiple of
 * four bytes, so that numbers are plain stores into an array. An engine that compiles nothing is slow at calls and at
 * fields, and a plan has thousands of words: hence variables, and texts by one function.
 */
let bytes = Buffer.alloc(0);
let words = new Uint32Array(0);
/** In words. */
let length = 0;

/**
 * Makes room for some words. What is free is zero until it is written: so are padding, the NUL after a text, and slot 0.
 * Callers look first whether there is room, which saves most of the calls.
 */
function grow(count: number): void {
  const larger = Buffer.alloc(Math.max(bytes.length * 2, FIRST_LENGTH, (length + count) * 4));
  bytes.copy(larger, 0, 0, length * 4);
  bytes = larger;
  words = new Uint32Array(larger.buffer);
}

/** Enough for most plans. */
const FIRST_LENGTH = 1 << 16;

function writeWord(value: number): void {
  if (length >= words.length) grow(1);
  words[length++] = value;
}

/** Two words that are only known later: their place. */
function announce(): number {
  if (length + 2 > words.length) grow(2);
  length += 2;
  return length - 2;
}

/** Fills the announced words: the bytes since then, and another number. */
function settle(place: number, value: number): void {
  words[place] = (length - place - 2) * 4;
  words[place + 1] = value;
}

function writeNumber(value: number | bigint): void {
  if (length + 2 > words.length) grow(2);
  if (typeof value === "number" && value >= 0 && value <= 0xffffffff) words[length] = value;
  else bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), length * 4);
  length += 2;
}

function writeText(value: Text): void {
  if (typeof value !== "string") {
    writePieces(value);
    return;
  }
  // At most three bytes for each UTF-16 unit; four words, NUL and padding.
  if (length + value.length + 6 > words.length) grow(value.length + 6);
  const size = value === "" ? 0 : bytes.write(value, length * 4 + 16);
  const end = length + 4 + ((size + 4) >> 2);
  words[length] = (end - length - 2) * 4;
  words[length + 1] = 1;
  words[length + 3] = size;
  length = end;
}

/** Each piece is a slot, or 0 and a string. */
function writePieces(pieces: readonly (string | SlotReference)[]): void {
  const place = announce();
  for (const piece of pieces) {
    const value = typeof piece === "string" ? piece : "";
    if (length + value.length + 4 > words.length) grow(value.length + 4);
    const size = value === "" ? 0 : bytes.write(value, length * 4 + 8);
    words[length] = typeof piece === "string" ? 0 : slots[piece.slot].number;
    words[length + 1] = size;
    length += 2 + ((size + 4) >> 2);
  }
  settle(place, pieces.length);
}

function writeList(values: readonly Text[]): void {
  const place = announce();
  for (const value of values) writeText(value);
  settle(place, values.length);
}

function writeBytes(value: Uint8Array | readonly number[]): void {
  const data = value instanceof Uint8Array ? value : new Uint8Array(Uint32Array.from(value).buffer);
  if (length * 4 + data.length + 8 > bytes.length) grow((data.length + 11) >> 2);
  words[length++] = data.length;
  bytes.set(data, length * 4);
  length += (data.length + 3) >> 2;
}

type Write = (value: unknown) => void;

function writerOf({ wire, encode = () => 0 }: ArgumentKind<unknown>): Write {
  const writers: Readonly<Record<WireKind, Write>> = {
    number: (value) => writeNumber(encode(value)),
    slot: (value) => writeNumber(encode(value)),
    text: writeText as Write,
    list: writeList as Write,
    bytes: writeBytes as Write,
  };
  return writers[wire];
}

/** For each operation its number, and its arguments with what writes them. */
const signatures = Object.fromEntries(
  Object.entries(definitions).map(([name, { args }]) => [
    name,
    {
      number: OPERATION_NUMBERS.get(name as OperationName) ?? 0,
      arguments: Object.entries<ArgumentKind<unknown>>(args).map(([name, kind]) => ({ name, write: writerOf(kind) })),
    },
  ]),
);

function writeOperation(operation: Operation): void {
  const place = announce();
  writeText(message(operation));
  const values = operation as unknown as Readonly<Record<string, unknown>>;
  const signature = signatures[operation.op] as (typeof signatures)[string];
  for (const { name, write } of signature.arguments) write(values[name]);
  settle(place, signature.number);
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
  bytes = Buffer.alloc(0);
  words = new Uint32Array(0);
  length = 0;
  const sections = Object.entries(plan.sections) as [Section, readonly Operation[]][];
  for (const word of [MAGIC, FINGERPRINT, 0, plan.failureStatus, sections.length]) writeWord(word);
  writeText(plan.failure);
  for (const [name, operations] of sections) {
    writeWord(SECTIONS[name]);
    const place = announce();
    for (const operation of operations) writeOperation(operation);
    settle(place, operations.length);
  }
  const size = length * 4;
  if (size > LENGTH_LIMIT) {
    throw new TsociError("config", `the plan takes ${size} bytes, more than ${LENGTH_LIMIT}`, { pointer: "" });
  }
  words[LENGTH_INDEX] = size;
  return bytes.subarray(0, size);
}

export type { OperationName };
