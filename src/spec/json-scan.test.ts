import { type ParseError, parse, visit } from "jsonc-parser";
import t from "tap";
import { pointer } from "../base/pointer.ts";
import { scanJson } from "./json-scan.ts";

const SAMPLE = `{
  "ociVersion": "1.3.0", "empty": {}, "none": [], "deep": [[[{"a/b": [1, -2.5e-3, true, false, null]}]]],
  "es\\u0063aped \\"~\\"": "\\ud83d\\ude00 \\\\ \\n", "0": 18446744073709551615
}
`;

const INVALID = [
  "",
  " ",
  "{",
  "[",
  "}",
  "]",
  "{]",
  "[}",
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  "[1,]",
  "[,1]",
  '{"a":1 "b":2}',
  "[1 2]",
  "01",
  "-",
  "+1",
  "1.",
  ".5",
  "1e",
  "0x1",
  "NaN",
  "Infinity",
  "undefined",
  "tru",
  "truee",
  "'a'",
  '"',
  '"a',
  '"\\x"',
  '"\\u12"',
  '"a\nb"',
  "{a:1}",
  "1 2",
  "[1]]",
  "{}{}",
  "// c\n1",
  "/* */1",
  "\ufeff1",
  "\u00a01",
  '"\t"',
  '{"a":1}}',
  "[1}",
  '{"a":[}',
  "nul",
  "[1,,2]",
];

t.test("accepts exactly what JSON.parse accepts", async (t) => {
  for (const text of [SAMPLE, "1", '"a"', "null", "[]", " {} ", "-0", "1E+2", "[[],{}]", '{"":{"":[]}}', ...INVALID]) {
    t.equal(scanJson(text) === undefined, parses(text), JSON.stringify(text));
  }
});

t.test("finds an error in a text cut off anywhere", async (t) => {
  for (let end = 0; end < SAMPLE.length; end++) {
    const text = SAMPLE.slice(0, end);
    const problem = scanJson(text);
    if (parses(text)) t.equal(problem, undefined, `cut at ${end}`);
    else t.ok(problem !== undefined && problem.offset <= end && !/\n/.test(problem.message), `cut at ${end}`);
  }
});

t.test("finds an error in a text with any character replaced", async (t) => {
  for (let at = 0; at < SAMPLE.length; at++) {
    for (const character of ['"', "{", "]", ",", "\\", "7", "\u0001", "x", " "]) {
      const text = SAMPLE.slice(0, at) + character + SAMPLE.slice(at + 1);
      if ((scanJson(text) === undefined) !== parses(text)) t.fail(`${JSON.stringify(character)} at ${at}`);
    }
  }
});

t.test("points at the first character that can't be there", async (t) => {
  const cases: readonly (readonly [string, number, string])[] = [
    ["{]", 1, 'expected a property name in double quotes, found "]"'],
    ['{"a" 1}', 5, 'expected ":", found "1"'],
    ['{"a": 1', 7, 'expected "," or "}", found the end of the file'],
    ["[1 2]", 3, 'expected "," or "]", found "2"'],
    ["[1,]", 3, 'expected a value, found "]"'],
    ["1 x", 2, 'expected the end of the file, found "x"'],
    ['["abc', 1, "this string has no end"],
    ['["a\nb"]', 3, "a control character in a string must be escaped"],
    ['["a\\x"]', 3, 'expected a valid escape sequence, found "\\\\"'],
    ["[😀]", 1, 'expected a value, found "😀"'],
  ];
  for (const [text, offset, message] of cases) t.same(scanJson(text), { offset, message }, text);
});

t.test("names every value, with its place", async (t) => {
  const expected: string[] = [];
  const errors: ParseError[] = [];
  parse(SAMPLE, errors);
  t.same(errors, []);
  const note = (offset: number, path: readonly (string | number)[]) =>
    expected.push(`${pointer("", ...path)} ${offset}`);
  visit(SAMPLE, {
    onObjectBegin: (offset, _length, _line, _column, path) => void note(offset, path()),
    onArrayBegin: (offset, _length, _line, _column, path) => void note(offset, path()),
    onLiteralValue: (_value, offset, _length, _line, _column, path) => void note(offset, path()),
  });
  const found: string[] = [];
  scanJson(SAMPLE, (at, start) => found.push(`${at()} ${start}`));
  t.same(found, expected);
});

t.test("any nesting", async (t) => {
  const levels = 200_000;
  t.equal(scanJson("[".repeat(levels) + "]".repeat(levels)), undefined);
  t.equal(scanJson("[".repeat(levels))?.offset, levels);
  t.equal(scanJson('{"a":'.repeat(levels))?.offset, levels * 5);
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
