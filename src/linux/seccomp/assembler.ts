/**
 * Assembles a BPF program from its end to its start, because BPF jumps forward only: a target is always there already,
 * and its distance is known. A conditional jump reaches 255 instructions; `Assembler` bridges longer ways.
 */
import { TsociError } from "../../base/errors.ts";
import { MAX_INSTRUCTIONS } from "../../kernel/seccomp.ts";
import { AND, type Comparison, INSTRUCTION_SIZE, JUMP, JUMPS, LOAD, RETURN } from "./bpf.ts";

/** An instruction, by how many follow it in the program. */
export type Label = number;

/**
 * How far a target may be from the next instruction, counted from its own label: a jump reaches one more, because
 * bringing the second target near moves the first one away by an instruction.
 */
const REACH = 255;

export class Assembler {
  private readonly operations = new Uint32Array(MAX_INSTRUCTIONS);
  private readonly operands = new Uint32Array(MAX_INSTRUCTIONS);
  private readonly returns = new Map<number, Label>();
  private readonly pointer: string;
  private count = 0;

  /** @param pointer the entry of config.json to name when the program gets too long */
  constructor(pointer: string) {
    this.pointer = pointer;
  }

  /** An instruction that ends with this verdict: one within reach, if there is any. */
  return(word: number): Label {
    const known = this.returns.get(word);
    if (known !== undefined && this.count - known <= REACH) return known;
    const label = this.emit(RETURN << 16, word);
    this.returns.set(word, label);
    return label;
  }

  /** Compares A and jumps. */
  jump(comparison: Comparison, operand: number, whenTrue: Label, whenFalse: Label): Label {
    const yes = this.count - whenTrue <= REACH ? whenTrue : this.bringNear(whenTrue);
    const no = this.count - whenFalse <= REACH ? whenFalse : this.bringNear(whenFalse);
    const next = this.count - 1;
    return this.emit((JUMPS[comparison] << 16) | ((next - yes) << 8) | (next - no), operand);
  }

  /** Loads A and goes on with `next`. */
  load(offset: number, next: Label): Label {
    return this.before(next, LOAD, offset);
  }

  /** Masks A and goes on with `next`. */
  and(mask: number, next: Label): Label {
    return this.before(next, AND, mask);
  }

  /** The program that starts with the last instruction made, as an array of struct sock_filter. */
  program(littleEndian: boolean): Uint8Array {
    const bytes = new Uint8Array(this.count * INSTRUCTION_SIZE);
    const view = new DataView(bytes.buffer);
    for (let at = 0, label = this.count - 1; label >= 0; label--, at += INSTRUCTION_SIZE) {
      const operation = this.operations[label] ?? 0;
      const [code, yes, no] = [operation >>> 16, (operation >>> 8) & 0xff, operation & 0xff];
      view.setUint32(at, littleEndian ? (no << 24) | (yes << 16) | code : operation, littleEndian);
      view.setUint32(at + 4, this.operands[label] ?? 0, littleEndian);
    }
    return bytes;
  }

  /** Stands for a target out of reach: another copy of its verdict, or a jump to it. */
  private bringNear(label: Label): Label {
    const operand = this.operands[label] ?? 0;
    return this.operations[label] === RETURN << 16 ? this.return(operand) : this.jumpTo(label);
  }

  private jumpTo(label: Label): Label {
    return this.emit(JUMP << 16, this.count - 1 - label);
  }

  /** An instruction that has no target goes on with the one after it, which must then be `next`. */
  private before(next: Label, code: number, operand: number): Label {
    if (next < this.count - 1) this.jumpTo(next);
    return this.emit(code << 16, operand);
  }

  /** @param operation the code and the two distances, as in the fields of struct sock_filter */
  private emit(operation: number, operand: number): Label {
    if (this.count === MAX_INSTRUCTIONS) {
      const message = `the filter takes more than ${MAX_INSTRUCTIONS} instructions, the limit of the kernel`;
      throw new TsociError("config", message, { pointer: this.pointer });
    }
    this.operations[this.count] = operation;
    this.operands[this.count] = operand;
    return this.count++;
  }
}
