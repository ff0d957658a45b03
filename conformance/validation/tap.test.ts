/** TAP as the programs of the suite print it. */
import { test } from "tap";
import { parseTap } from "./tap.ts";

test("a test line, its block, a plan", async (t) => {
  const text = [
    "TAP version 13",
    "ok 1 - the first",
    "  ---",
    "  {",
    '    "error": "exit status 1",',
    '    "reference": "ok 7 - no test, but text"',
    "  }",
    "  ...",
    "not ok 2 - the second",
    "# expect: 1, actual: 2",
    "ok 3 # SKIP the third",
    "1..3",
    "",
  ];
  t.strictSame(parseTap(text.join("\n")), [
    {
      tests: [
        { ok: true, description: "the first" },
        { ok: false, description: "the second" },
        { ok: true, description: "# SKIP the third" },
      ],
      plan: 3,
      errors: ["exit status 1"],
    },
  ]);
});

test("several documents, one of them without a plan, and stray lines", async (t) => {
  const documents = parseTap("TAP version 13\nok 1 - a\n1..1\n<nil>\nokay\nTAP version 13\nok 1 - b\n");
  t.strictSame(
    documents.map(({ tests, plan }) => [tests.length, plan]),
    [
      [1, 1],
      [1, undefined],
    ],
  );
});

test("no document, one without a version, and one that has only an error", async (t) => {
  t.strictSame(parseTap(""), []);
  t.strictSame(parseTap("not ok 1 - a\n1..1\n")[0], {
    tests: [{ ok: false, description: "a" }],
    plan: 1,
    errors: [],
  });
  const text = 'TAP version 13\n  ---\n  {\n    "error": "in the wrong order"\n  }\n  ...\n1..0\n';
  t.strictSame(parseTap(text), [{ tests: [], plan: 0, errors: ["in the wrong order"] }]);
});

test("a block that is no JSON is an error, one without an error is none", async (t) => {
  t.strictSame(parseTap("  ---\n  level: MUST\n  ...\n")[0]?.errors, ["a block that is no JSON: level: MUST"]);
  t.strictSame(parseTap('  ---\n  {"error": ""}\n  ...\n  ---\n  {"a": 1}\n  ...\n1..0\n')[0]?.errors, []);
});
