/** For the tests: reads the wire format back, by its description in wire.ts and by nothing else. */
import { TsociError } from "../../base/errors.ts";
import { definitions, type OperationName, SECTIONS, type Section } from "../operations.ts";
import { slots } from "../slots.ts";

export interface DecodedOperation {
  readonly op: string;
  readonly message: unknown;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface DecodedPlan {
  readonly magic: number;
  readonly fingerprint: number;
  readonly length: number;
  readonly failureStatus: number;
  readonly failure: unknown;
  readonly sections: Readonly<Partial<Record<Section, readonly DecodedOperation[]>>>;
}

class Reader {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get position(): number {
    return this.#at;
  }

  word(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }

  number(): bigint {
    this.#at += 8;
    return this.#view.getBigUint64(this.#at - 8, true);
  }

  /** With `more` bytes behind it, padded to four; the padding is zero. */
  bytes(length: number, more = 0): Uint8Array {
    const start = this.#at;
    this.#at += (length + more + 3) & ~3;
    for (let at = start + length; at < this.#at; at++) {
      if (this.#view.getUint8(at) !== 0) throw new TsociError("plan", `padding at ${at} is not zero`);
    }
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, length);
  }

  /** What follows two words, of which the first one says how long it is. */
  announced<T>(read: (count: number) => T): T {
    const length = this.word();
    const count = this.word();
    const end = this.#at + length;
    const value = read(count);
    if (this.#at !== end)
      throw new TsociError("plan", `${length} bytes were announced, the end is at ${this.#at}, not ${end}`);
    return value;
  }

  text(): unknown {
    const pieces = this.announced((count) => Array.from({ length: count }, () => this.#piece()));
    return pieces.length === 1 && typeof pieces[0] === "string" ? pieces[0] : pieces;
  }

  #piece(): unknown {
    const slot = this.word();
    const string = Buffer.from(this.bytes(this.word(), 1)).toString("utf8");
    if (slot === 0) return string;
    return { slot: Object.entries(slots).find(([, { number }]) => number === slot)?.[0] };
  }

  argument(wire: string): unknown {
    if (wire === "text") return this.text();
    if (wire === "list") return this.announced((count) => Array.from({ length: count }, () => this.text()));
    if (wire === "bytes") return [...this.bytes(this.word())];
    return this.number();
  }

  operation(): DecodedOperation {
    return this.announced((kind) => {
      const op = Object.keys(definitions)[kind - 1] as OperationName;
      const message = this.text();
      const values = Object.entries(definitions[op].args).map(([name, { wire }]) => [name, this.argument(wire)]);
      return { op, message, args: Object.fromEntries(values) };
    });
  }
}

export function decode(bytes: Uint8Array): DecodedPlan {
  const reader = new Reader(bytes);
  const [magic, fingerprint, length, failureStatus] = [reader.word(), reader.word(), reader.word(), reader.word()];
  const count = reader.word();
  const failure = reader.text();
  const sections = Array.from({ length: count }, () => {
    const number = reader.word();
    const name = Object.entries(SECTIONS).find(([, value]) => value === number)?.[0];
    return [name, reader.announced((operations) => Array.from({ length: operations }, () => reader.operation()))];
  });
  if (reader.position !== bytes.length) throw new TsociError("plan", "something comes after the last section");
  return { magic, fingerprint, length, failureStatus, failure, sections: Object.fromEntries(sections) };
}
