import t from "tap";
import { interpret } from "./interpret.ts";

const call = { number: 5, audit: 0xc000003e, args: [0x1_0000_0002n] };
const program = (...instructions: number[][]) => {
  const view = new DataView(new ArrayBuffer(instructions.length * 8));
  for (const [index, [code = 0, yes = 0, no = 0, operand = 0]] of instructions.entries()) {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, yes);
    view.setUint8(index * 8 + 3, no);
    view.setUint32(index * 8 + 4, operand, true);
  }
  return new Uint8Array(view.buffer);
};

t.test("struct seccomp_data", async (t) => {
  const at = (offset: number) => {
    // No instruction returns A: ask for each of the values.
    const found = [5, 0xc000003e, 1, 2, 0].find((value) => {
      const test = program([0x20, 0, 0, offset], [0x15, 0, 1, value], [0x06, 0, 0, 1], [0x06, 0, 0, 0]);
      return interpret(test, call, true).word === 1;
    });
    return found;
  };
  t.same([0, 4, 16, 20, 24].map(at), [5, 0xc000003e, 2, 1, 0]);
});

t.test("programs that the kernel would refuse", async (t) => {
  t.throws(() => interpret(program([0x20, 0, 0, 0]), call, true), /without a verdict/);
  t.throws(() => interpret(program([0x77, 0, 0, 0]), call, true), /unknown BPF instruction 0x77/);
});
