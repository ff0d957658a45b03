import t from "tap";
import { Assembler } from "./assembler.ts";
import { interpret } from "./interpret.ts";

const call = (number: number) => ({ number, audit: 0, args: [] });

t.test("a jump reaches any distance", async (t) => {
  for (const filler of [0, 1, 253, 254, 255, 256, 257, 511, 3000]) {
    const assembler = new Assembler("");
    // Code that only a jump can enter: masks A, so that it can't be copied as a verdict can.
    const far = assembler.and(0xf, assembler.jump("eq", 2, assembler.return(7), assembler.return(8)));
    let next = assembler.return(1);
    for (let count = 0; count < filler; count++) next = assembler.and(0xffff_ffff, next);
    assembler.load(0, assembler.jump("ge", 100, far, next));
    const program = assembler.program(true);
    t.equal(interpret(program, call(114), true).word, 7, `${filler} far, equal`);
    t.equal(interpret(program, call(115), true).word, 8, `${filler} far, other`);
    t.equal(interpret(program, call(99), true).word, 1, `${filler} near`);
  }
});

t.test("both targets of a jump may be at the end of its reach, or beyond", async (t) => {
  for (let filler = 245; filler < 265; filler++) {
    const assembler = new Assembler("");
    const first = assembler.and(1, assembler.jump("eq", 1, assembler.return(11), assembler.return(10)));
    const second = assembler.and(1, assembler.jump("eq", 1, assembler.return(21), assembler.return(20)));
    let dead = assembler.return(5);
    for (let count = 0; count < filler; count++) dead = assembler.and(3, dead);
    assembler.load(0, assembler.jump("gt", 1000, second, first));
    const program = assembler.program(true);
    t.same(
      [1001, 1002, 1, 2].map((number) => interpret(program, call(number), true).word),
      [21, 20, 11, 10],
      `${filler}`,
    );
  }
});

t.test("verdicts out of reach are copied", async (t) => {
  const assembler = new Assembler("");
  const verdict = assembler.return(42);
  let dead = assembler.return(5);
  for (let count = 0; count < 300; count++) dead = assembler.and(3, dead);
  assembler.load(0, assembler.jump("eq", 1, verdict, dead));
  t.same(interpret(assembler.program(true), call(1), true), { word: 42, steps: 3 });
});

t.test("both byte orders say the same", async (t) => {
  const assembler = new Assembler("");
  assembler.load(0, assembler.jump("set", 0x80, assembler.return(0x50001), assembler.return(0x7fff0000)));
  t.same([...assembler.program(true)].slice(8, 16), [0x45, 0, 1, 0, 0x80, 0, 0, 0]);
  t.same([...assembler.program(false)].slice(8, 16), [0, 0x45, 1, 0, 0, 0, 0, 0x80]);
  for (const order of [true, false]) t.equal(interpret(assembler.program(order), call(0x81), order).word, 0x50001);
});

t.test("4096 instructions fit, one more doesn't", async (t) => {
  const assembler = new Assembler("/linux/seccomp");
  let next = assembler.return(0);
  for (let count = 1; count < 4096; count++) next = assembler.and(1, next);
  t.equal(assembler.program(true).length, 4096 * 8);
  t.throws(() => assembler.and(1, next), { code: "config", pointer: "/linux/seccomp" });
});
