/** The two rules, and what is unlike expected. */
import { test } from "tap";
import type { Verdict } from "./expectations.ts";
import { type Ended, judge } from "./judge.ts";
import { isExpected } from "./report.ts";

const ERROR = '  ---\n  {"error": "out of order"}\n  ...\n';

/** What a program printed, and what it means: by counting, by meaning, not ok, in which words. */
const CASES: readonly (readonly [string, Partial<Ended>, boolean, boolean, number, string])[] = [
  ["every test is ok", { stdout: "ok 1 - a\nok 2 - b\n1..2\n" }, true, true, 0, ""],
  ["an expected error", { stdout: `ok 1 - a\n${ERROR}1..1\n` }, true, true, 0, ""],
  ["a test is not ok", { stdout: "ok 1 - a\nnot ok 2 - b\n1..2\n" }, false, false, 1, "not ok: b"],
  ["no test, no error", { stdout: "TAP version 13\n1..0\n" }, false, true, 0, ""],
  ["no test, an error", { stdout: `TAP version 13\n${ERROR}1..0\n` }, false, false, 0, "out of order"],
  ["silence is success", {}, false, true, 0, ""],
  ["silence is failure", { code: 1, stderr: "exit status 1\n" }, false, false, 0, "exit status 1"],
  ["its words", { code: 1, stderr: "failed\nx: y\nexit status 1\n" }, false, false, 0, "x: y"],
  ["ended by a signal", { code: undefined }, false, false, 0, "exit status none: it was killed"],
  ["fails after its tests", { code: 1, stdout: "ok 1 - a\n1..1\n" }, false, false, 0, "exit status 1"],
  ["ends too early", { stdout: "ok 1 - a\n" }, true, false, 0, "the output ends before its plan"],
  ["an empty document first", { stdout: "TAP version 13\n1..0\nTAP version 13\nok 1 - a\n1..1\n" }, true, true, 0, ""],
];

test("judgements", async (t) => {
  for (const [name, ended, raw, meaning, notOk, complaint] of CASES) {
    t.match(judge({ code: 0, stdout: "", stderr: "", ...ended }), { raw, meaning, notOk, complaint }, name);
  }
});

test("what is expected, in both directions", async (t) => {
  const verdicts: readonly Verdict[] = [
    { kind: "pass" },
    { kind: "meaning" },
    { kind: "fail", notOk: 0 },
    { kind: "fail", notOk: 1 },
    { kind: "either", notOk: 1 },
  ];
  const expected = (stdout: string) => {
    const judgement = judge({ code: 0, stdout, stderr: "" });
    return verdicts.map((verdict) => isExpected(verdict, judgement));
  };
  t.strictSame(expected("ok 1 - a\n1..1\n"), [true, false, false, false, true]);
  t.strictSame(expected("1..0\n"), [false, true, false, false, false]);
  t.strictSame(expected(`${ERROR}1..0\n`), [false, false, true, false, false]);
  t.strictSame(expected("not ok 1 - a\n1..1\n"), [false, false, false, true, true]);
  t.strictSame(
    expected("not ok 1 - a\nnot ok 2 - b\n1..2\n"),
    [false, false, false, false, false],
    "more than is known",
  );
});
