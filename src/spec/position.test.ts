import t from "tap";
import { containers, positionAt, positions } from "./position.ts";

const TEXT = '{\n  "a": [\n    1, {"b/c": null}\n  ],\n  "a~": 2, "dup": {"x": 1}, "dup": 3\n}';

t.test("line and column count from 1", async (t) => {
  t.same(positionAt("abc", 0), { line: 1, column: 1 });
  t.same(positionAt("a\nbc", 1), { line: 1, column: 2 });
  t.same(positionAt("a\nbc", 2), { line: 2, column: 1 });
  t.same(positionAt("a\n\nbc", 4), { line: 3, column: 2 });
  t.same(positionAt("a\r\nb", 3), { line: 2, column: 1 });
});

t.test("the position of an entry, or of what contains it", async (t) => {
  const position = positions(TEXT);
  t.same(position(""), { line: 1, column: 1 });
  t.same(position("/a"), { line: 2, column: 8 });
  t.same(position("/a/1"), { line: 3, column: 8 });
  t.same(position("/a/1/b~1c"), { line: 3, column: 16 });
  t.same(position("/a~0"), { line: 5, column: 9 });
  t.same(position("/a/7/x"), { line: 2, column: 8 }, "a missing entry");
  t.same(position("/dup"), { line: 5, column: 36 }, "the last of two");
  t.equal(position("--cwd"), undefined, "a flag");
});

t.test("containers of a pointer, the nearest first", async (t) => {
  t.same([...containers("/a/b~1c/0")], ["/a/b~1c/0", "/a/b~1c", "/a", ""]);
  t.same([...containers("")], [""]);
});
