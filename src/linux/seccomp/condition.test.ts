import t from "tap";
import type { SeccompArchitectureName } from "../../kernel/seccomp.ts";
import type { SeccompArg, SeccompOperator } from "../../spec/generated/config.ts";
import { compileSeccomp } from "./compile.ts";
import { interpret } from "./interpret.ts";
import { ALLOW, allow, deny, EPERM, verdict } from "./testing/verdict.ts";

const MEANING: Record<Exclude<SeccompOperator, "SCMP_CMP_MASKED_EQ">, (argument: bigint, value: bigint) => boolean> = {
  SCMP_CMP_NE: (argument, value) => argument !== value,
  SCMP_CMP_LT: (argument, value) => argument < value,
  SCMP_CMP_LE: (argument, value) => argument <= value,
  SCMP_CMP_EQ: (argument, value) => argument === value,
  SCMP_CMP_GE: (argument, value) => argument >= value,
  SCMP_CMP_GT: (argument, value) => argument > value,
};
const EDGES = [0n, 1n, 2n, 0x7fffffffn, 0x80000000n, 0xfffffffen, 0xffffffffn, 0x100000000n, 0x100000001n];
const VALUES = [...EDGES, 0x1fffffffen, 0x7fffffffffffffffn, 2n ** 63n, 2n ** 64n - 2n, 2n ** 64n - 1n];

/** One condition with exact values, on every argument in turn, as native and as 32-bit code. */
function holds(arg: Omit<SeccompArg, "value" | "valueTwo">, value: bigint, two: bigint, as: SeccompArchitectureName) {
  const values = new Map([
    ["value", value],
    ["valueTwo", two],
  ]);
  const args = [{ ...arg, value: Number(value), valueTwo: Number(two) }];
  const profile = { ...deny(allow("ioctl", args)), architectures: [as] };
  const exact = (pointer: string) => values.get(pointer.replace("/linux/seccomp/syscalls/0/args/0/", ""));
  const { filter } = compileSeccomp(profile, { arch: "x64" }, { exact });
  const call = as === "SCMP_ARCH_X86" ? { number: 54, audit: 0x40000003 } : { number: 16, audit: 0xc000003e };
  return (argument: bigint) => {
    const all = [7n, 7n, 7n, 7n, 7n, 7n].with(arg.index, argument);
    return interpret(filter, { ...call, args: all }, true).word === ALLOW;
  };
}

for (const [op, means] of Object.entries(MEANING) as [keyof typeof MEANING, (typeof MEANING)["SCMP_CMP_NE"]][]) {
  t.test(`${op}, 64 and 32 bits, at all edges`, async (t) => {
    const wrong: string[] = [];
    for (const [index, value] of VALUES.entries()) {
      const wide = holds({ index: index % 6, op }, value, 0n, "SCMP_ARCH_X86_64");
      const narrow = holds({ index: index % 6, op }, value, 0n, "SCMP_ARCH_X86");
      for (const argument of VALUES) {
        if (wide(argument) !== means(argument, value)) wrong.push(`${argument} ${op} ${value}, 64 bits`);
        const low = means(BigInt.asUintN(32, argument), BigInt.asUintN(32, value));
        if (narrow(argument) !== low) wrong.push(`${argument} ${op} ${value}, 32 bits`);
      }
    }
    t.same(wrong, []);
  });
}

t.test("SCMP_CMP_MASKED_EQ: value is the mask, valueTwo what is compared", async (t) => {
  const wrong: string[] = [];
  const masks = [0n, 1n, 0xf0n, 0xffffffffn, 0x100000000n, 0xff00000001n, 2n ** 64n - 1n];
  for (const mask of masks) {
    for (const two of [0n, 1n, 0x30n, 0x100000000n, 0x700000001n]) {
      const wide = holds({ index: 2, op: "SCMP_CMP_MASKED_EQ" }, mask, two, "SCMP_ARCH_X86_64");
      const narrow = holds({ index: 2, op: "SCMP_CMP_MASKED_EQ" }, mask, two, "SCMP_ARCH_X86");
      for (const argument of [...VALUES, 0x35n, 0x300000000n, 0x7100000001n]) {
        if (wide(argument) !== ((argument & mask) === (two & mask)))
          wrong.push(`${argument} & ${mask} = ${two}, 64 bits`);
        const low = BigInt.asUintN(32, argument & mask) === BigInt.asUintN(32, two & mask);
        if (narrow(argument) !== low) wrong.push(`${argument} & ${mask} = ${two}, 32 bits`);
      }
    }
  }
  t.same(wrong, []);
  const flags = deny(allow("clone", [{ index: 0, op: "SCMP_CMP_MASKED_EQ", value: 0x7e020000 }]));
  t.equal(verdict(flags, "clone", { args: [0x11n] }), ALLOW, "valueTwo is 0 by default");
  t.equal(verdict(flags, "clone", { args: [0x10000000n] }), EPERM);
});

t.test("masks of one argument, one after the other", async (t) => {
  const masked = (value: number, valueTwo: number) =>
    ({ index: 0, op: "SCMP_CMP_MASKED_EQ", value, valueTwo }) as const;
  const profile = deny(allow("ioctl", [masked(0xf0, 0x30), masked(0x0f, 0x05), masked(0xf00, 0)]));
  const both: [bigint, number][] = [
    [0xf35n, ALLOW],
    [0xf30n, ALLOW],
    [0xf05n, ALLOW],
    [0x0ffn, ALLOW],
    [0xfffn, EPERM],
  ];
  for (const as of ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"] as const) {
    for (const [argument, word] of both) {
      t.equal(
        verdict({ ...profile, architectures: [as] }, "ioctl", { as, args: [argument] }),
        word,
        `${as} ${argument}`,
      );
    }
  }
});

t.test("values beyond 2^53", async (t) => {
  const rounded = deny(allow("personality", [{ index: 0, op: "SCMP_CMP_EQ", value: 2 ** 64 }]));
  t.equal(verdict(rounded, "personality", { args: [2n ** 64n - 1n] }), ALLOW, "what a parser makes of 2^64-1");
  const odd = holds({ index: 0, op: "SCMP_CMP_EQ" }, 2n ** 60n + 1n, 0n, "SCMP_ARCH_X86_64");
  t.same([2n ** 60n, 2n ** 60n + 1n].map(odd), [false, true], "the exact value counts");
  const error = { code: "config", pointer: "/linux/seccomp/syscalls/0/args/0/value" };
  t.throws(() => holds({ index: 0, op: "SCMP_CMP_EQ" }, 2n ** 64n, 0n, "SCMP_ARCH_X86_64"), error);
  for (const value of [-1, 1.5, 2 ** 65]) {
    t.throws(
      () => compileSeccomp(deny(allow("read", [{ index: 0, op: "SCMP_CMP_EQ", value }])), { arch: "x64" }),
      error,
    );
  }
});
