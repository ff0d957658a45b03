/** The file of expectations. */
import { test } from "tap";
import { parseExpectations, readExpectations } from "./expectations.ts";

test("a line for each of the 58 programs, in order", async (t) => {
  const programs = readExpectations().map(({ program }) => program);
  t.equal(programs.length, 58);
  t.strictSame(programs, [...new Set(programs)].sort());
});

test("verdicts and needs", async (t) => {
  const [first, second] = parseExpectations(
    "# a comment\n\na fail:3 v1:pids,cpu+cpus:2+tries:3 why not\nb pass - why\n",
  );
  t.match(first, { program: "a", verdict: { kind: "fail", notOk: 3 }, reason: "why not" });
  t.match(first?.needs, { hierarchies: ["pids", "cpu"], mounted: [], userNamespace: false, cpus: 2, tries: 3 });
  t.match(second?.needs, { hierarchies: [], mounted: [], userNamespace: false, cpus: 1, tries: 1 });
});

test("lines that say too little", async (t) => {
  t.throws(() => parseExpectations("a pass -\n"), {
    message: /not a program, a verdict, needs and a reason: a pass -/,
  });
  t.throws(() => parseExpectations("a passes - why\n"), { message: /no verdict: passes/ });
  t.throws(() => parseExpectations("a pass root why\n"), { message: /unknown need: root/ });
});
