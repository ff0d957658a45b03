/** Runs a filter on one system call, as the kernel would: for tests, and to show the verdict of a profile. */
import { TsociError } from "../../base/errors.ts";
import {
  AND,
  ARCH_OFFSET,
  type Comparison,
  INSTRUCTION_SIZE,
  JUMP,
  JUMPS,
  LOAD,
  NUMBER_OFFSET,
  RETURN,
} from "./bpf.ts";

/** struct seccomp_data without the instruction pointer. */
export interface SystemCall {
  readonly number: number;
  readonly audit: number;
  readonly args: readonly bigint[];
}

export interface Outcome {
  /** What the filter returned. */
  readonly word: number;
  /** How many instructions that took. */
  readonly steps: number;
}

const COMPARE: Record<Comparison, (a: number, k: number) => boolean> = {
  eq: (a, k) => a === k,
  gt: (a, k) => a > k,
  ge: (a, k) => a >= k,
  set: (a, k) => (a & k) !== 0,
};
const COMPARISONS = new Map(Object.entries(JUMPS).map(([name, code]) => [code as number, COMPARE[name as Comparison]]));

/** Runs a filter; throws where the kernel would have refused to load it. */
export function interpret(filter: Uint8Array, call: SystemCall, littleEndian: boolean): Outcome {
  const code = new DataView(filter.buffer, filter.byteOffset, filter.byteLength);
  const data = systemCallData(call, littleEndian);
  let accumulator = 0;
  let at = 0;
  for (let steps = 1; at + INSTRUCTION_SIZE <= filter.byteLength; steps++) {
    const operation = code.getUint16(at, littleEndian);
    const operand = code.getUint32(at + 4, littleEndian);
    const compare = COMPARISONS.get(operation);
    if (operation === RETURN) return { word: operand, steps };
    if (operation === LOAD) accumulator = data.getUint32(operand, littleEndian);
    else if (operation === AND) accumulator = (accumulator & operand) >>> 0;
    else if (operation === JUMP) at += operand * INSTRUCTION_SIZE;
    else if (compare) at += code.getUint8(compare(accumulator, operand) ? at + 2 : at + 3) * INSTRUCTION_SIZE;
    else
      throw new TsociError("plan", `unknown BPF instruction 0x${operation.toString(16)} at ${at / INSTRUCTION_SIZE}`);
    at += INSTRUCTION_SIZE;
  }
  throw new TsociError("plan", "the BPF program ends without a verdict");
}

function systemCallData({ number, audit, args }: SystemCall, littleEndian: boolean): DataView {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(NUMBER_OFFSET, number, littleEndian);
  data.setUint32(ARCH_OFFSET, audit, littleEndian);
  for (const [index, value] of args.entries()) data.setBigUint64(16 + 8 * index, value, littleEndian);
  return data;
}
