import { test } from "tap";
import { extendedExpression } from "./regular-expression.ts";

test("extended regular expressions match somewhere in an id", async (t) => {
  const matches = (pattern: string) =>
    ["web-1", "web-22", "db_x", "a]b"].filter((id) => extendedExpression(pattern).test(id));
  t.strictSame(matches("web"), ["web-1", "web-22"]);
  t.strictSame(matches("^web-[[:digit:]]$"), ["web-1"]);
  t.strictSame(matches("[^[:alnum:]_-]"), ["a]b"]);
  t.strictSame(matches("[]]"), ["a]b"]);
  t.strictSame(matches("^(db|web)-?[2_]+"), ["web-22", "db_x"]);
  t.strictSame(matches("[[:upper:]]"), []);
  t.strictSame(matches(".*"), ["web-1", "web-22", "db_x", "a]b"]);
  for (const pattern of ["(", "[[:nope:]]", "*["]) {
    t.throws(() => extendedExpression(pattern), {
      code: "usage",
      message: `invalid regular expression ${JSON.stringify(pattern)}`,
    });
  }
});
