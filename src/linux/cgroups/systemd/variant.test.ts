import { test } from "tap";
import { parseVariant } from "./variant.ts";

function parsed(text: string): string | undefined {
  const value = parseVariant(text);
  return value && [value.signature, ...value.words].join(" ");
}

test("values as annotations have them", async (t) => {
  for (const [text, value] of [
    ["true", "b true"],
    ["'a b'", "s a b"],
    ['"it\'s"', "s it's"],
    ["'a\\'b\\n'", "s a'b\n"],
    ["5", "i 5"],
    ["-5", "i -5"],
    ["1.5", "d 1.5"],
    ["uint64 5", "t 5"],
    ["byte 0", "y 0"],
    ["['a', 'b']", "as 2 a b"],
    ["[uint32 7]", "au 1 7"],
    ["[('a', 'b')]", "a(ss) 1 a b"],
    [" 'x' ", "s x"],
  ] as const)
    t.equal(parsed(text), value, text);
});

test("anything else", async (t) => {
  for (const text of [
    "",
    "x",
    "'x",
    "5 6",
    "uint64 x",
    "uint64 1.5",
    "[]",
    "['a' 'b']",
    "['a', 5]",
    "['a'",
    "'\\x'",
    "()x",
  ])
    t.equal(parsed(text), undefined, text);
});
