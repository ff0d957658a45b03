/**
 * Assembles a BPF program from its end to its start, because BPF jumps forward only: a target is always there already,
 * and its distance is known. A conditional jump reaches 255 instructions; `Assembler` bridges longer ways.
 */
import { TsociError } from "../../base/errors.ts";
import { MAX_INSTRUCTIONS } from "../../kernel/seccomp.ts";
import { AND, type Comparison, INSTRUCTION_SIZE, JUMP, JUMPS, LOAD, RETURN } from "./bpf.ts";

/** An instruction, by how many follow it in the program. */
export type Label = number;

/** One less than a jump reaches: bringing the second target near moves the first one away by an instruction. */
const REACH = 254;

export class Assembler {
  readonly #operations = new Uint32Array(MAX_INSTRUCTIONS);
  readonly #operands = new Uint32Array(MAX_INSTRUCTIONS);
  readonly #returns = new Map<number, Label>();
  readonly #pointer: string;
  #count = 0;

  /** @param pointer the entry of config.json to name when the program gets too long */
  constructor(pointer: string) {
    this.#pointer = pointer;
  }

  /** An instruction that ends with this verdict: one within reach, if there is any. */
  return(word: number): Label {
    const known = this.#returns.get(word);
    if (known !== undefined && this.#distance(known) <= REACH) return known;
    const label = this.#emit(RETURN, 0, 0, word);
    this.#returns.set(word, label);
    return label;
  }

  /** Compares A and jumps. */
  jump(comparison: Comparison, operand: number, whenTrue: Label, whenFalse: Label): Label {
    const yes = this.#near(whenTrue);
    const no = this.#near(whenFalse);
    return this.#emit(JUMPS[comparison], this.#distance(yes), this.#distance(no), operand);
  }

  /** Loads A and goes on with `next`. */
  load(offset: number, next: Label): Label {
    return this.#before(next, LOAD, offset);
  }

  /** Masks A and goes on with `next`. */
  and(mask: number, next: Label): Label {
    return this.#before(next, AND, mask);
  }

  /** The program that starts with the last instruction made, as an array of struct sock_filter. */
  program(littleEndian: boolean): Uint8Array {
    const bytes = new Uint8Array(this.#count * INSTRUCTION_SIZE);
    const view = new DataView(bytes.buffer);
    for (let at = 0, label = this.#count - 1; label >= 0; label--, at += INSTRUCTION_SIZE) {
      const operation = this.#operations[label] ?? 0;
      view.setUint16(at, operation >>> 16, littleEndian);
      view.setUint8(at + 2, (operation >>> 8) & 0xff);
      view.setUint8(at + 3, operation & 0xff);
      view.setUint32(at + 4, this.#operands[label] ?? 0, littleEndian);
    }
    return bytes;
  }

  /** How many instructions lie between the next one made and `label`. */
  #distance(label: Label): number {
    return this.#count - label - 1;
  }

  /** A target within reach: the label itself, another copy of its verdict, or a jump to it. */
  #near(label: Label): Label {
    if (this.#distance(label) <= REACH) return label;
    const operand = this.#operands[label] ?? 0;
    if ((this.#operations[label] ?? 0) >>> 16 === RETURN) return this.return(operand);
    return this.#emit(JUMP, 0, 0, this.#distance(label));
  }

  /** An instruction that has no target goes on with the one after it, which must then be `next`. */
  #before(next: Label, operation: number, operand: number): Label {
    if (this.#distance(next) > 0) this.#emit(JUMP, 0, 0, this.#distance(next));
    return this.#emit(operation, 0, 0, operand);
  }

  #emit(operation: number, yes: number, no: number, operand: number): Label {
    if (this.#count === MAX_INSTRUCTIONS) {
      const message = `the filter takes more than ${MAX_INSTRUCTIONS} instructions, the limit of the kernel`;
      throw new TsociError("config", message, { pointer: this.#pointer });
    }
    this.#operations[this.#count] = (operation << 16) | (yes << 8) | no;
    this.#operands[this.#count] = operand;
    return this.#count++;
  }
}
