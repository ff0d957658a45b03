import { test } from "tap";
import { readTap } from "./results.ts";

test("what passed, failed and was skipped, by the tests at the top", async (t) => {
  const text = [
    "TAP version 14",
    "# Subtest: one",
    "    ok 1 - inside",
    "    ok 2 - inside",
    "    1..2",
    "ok 1 - one # time=3.5ms",
    "# Subtest: two",
    "    not ok 1 - inside",
    "    1..1",
    "not ok 2 - two",
    "ok 3 - three # SKIP this host has no memory controller",
    "1..3",
    "",
  ].join("\n");
  t.strictSame(readTap(text), { passed: 1, skipped: 1, failures: ["two"] });
});

test("a report that breaks off is a failure", async (t) => {
  t.strictSame(readTap("TAP version 14\nok 1 - one\n"), {
    passed: 1,
    skipped: 0,
    failures: ["the report is incomplete"],
  });
  t.strictSame(readTap(""), { passed: 0, skipped: 0, failures: ["the report is incomplete"] });
  t.strictSame(readTap("TAP version 14\nok 1 - one\n1..2\n").failures, ["the report is incomplete"]);
  t.strictSame(readTap("TAP version 14\nBail out! no root\n").failures, ["bailed out: no root"]);
});
