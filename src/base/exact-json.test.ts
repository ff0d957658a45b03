import { test } from "tap";
import { exactJson } from "./exact-json.ts";

test("as JSON.stringify, but with exact integers", async (t) => {
  const value = { a: [1, -0.5, "x\n", null, true, []], b: {}, ü: undefined, 'q"': { c: "" } };
  t.equal(exactJson(value), JSON.stringify(value));
  t.equal(exactJson({ limit: 9223372036854775807n, low: -1n }), '{"limit":9223372036854775807,"low":-1}');
});
