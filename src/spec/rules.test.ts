import { readdirSync, readFileSync } from "node:fs";
import t from "tap";
import { rules } from "./rules.ts";

t.test("every rule has a name of its own, a section, and a test", async (t) => {
  const names = rules.map((rule) => rule.name);
  t.same(names, [...new Set(names)]);
  const directory = new URL("rules/", import.meta.url);
  const tests = readdirSync(directory).filter((file) => file.endsWith(".test.ts"));
  const text = tests.map((file) => readFileSync(new URL(file, directory), "utf8")).join("");
  for (const { name, section, reads } of rules) {
    t.match(text, new RegExp(`^ {2}"?${name}"?: \\[`, "m"), name);
    t.match(section, /^config(?:-linux)?\.md, /, name);
    for (const pointer of reads) t.match(pointer, /^\/[a-z]/i, name);
  }
});
