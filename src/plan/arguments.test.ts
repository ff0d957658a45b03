/** Kinds of arguments: texts with slots, and how names become numbers. */
import { test } from "tap";
import { flags, list, number, oneOf, slot, slotArgument, text, textArgument } from "./arguments.ts";
import { definitions } from "./operations.ts";

test("texts: strings are inserted, slots stay", async (t) => {
  t.same(text`plain`, "plain");
  t.same(text``, "");
  t.same(text`${"a"}${1}b`, "a1b");
  t.same(text`${slot("pid")}`, [{ slot: "pid" }]);
  t.same(text`/proc/${slot("pid")}/${"uid"}_map`, ["/proc/", { slot: "pid" }, "/uid_map"]);
  t.same(text`${slot("pid")}${slot("status")}`, [{ slot: "pid" }, { slot: "status" }]);
});

test("flags are bits of one word", async (t) => {
  const kind = flags({ none: 0, low: 1, high: 0x40000000 });
  t.equal(kind.encode?.([]), 0);
  t.equal(kind.encode?.(["none", "low"]), 1);
  t.equal(kind.encode?.(["low", "high", "low"]), 0x40000001);
  t.same(kind.names, ["none", "low", "high"]);
});

test("no flag of the table is bit 31, where numbers turn negative, or beyond", async (t) => {
  for (const [op, { args }] of Object.entries(definitions)) {
    for (const [name, kind] of Object.entries(args)) {
      if (kind.describe !== "flags") continue;
      const all = Number(kind.encode?.(kind.names ?? []));
      t.ok(all >= 0 && all < 2 ** 31, `${op}.${name}`);
    }
  }
});

test("a name is a number", async (t) => {
  const kind = oneOf({ save: 1, load: 2 });
  t.equal(kind.encode?.("load"), 2);
  t.equal(slotArgument.encode?.("pid"), 1);
  t.equal(number.encode?.(5n), 5n);
});

test("how they travel", async (t) => {
  t.equal(textArgument.wire, "text");
  t.equal(list.wire, "list");
  t.equal(flags({}).wire, "number");
});
