import t from "tap";
import { versionText } from "./version.ts";

t.test("callers read the version by its lines", (t) => {
  const lines = versionText().split("\n");
  t.match(lines[0], /^tsoci version \d+\.\d+\.\d+/);
  t.match(lines[1], /^commit: ./);
  t.equal(lines[2], "spec: 1.3.0");
  t.same(lines.slice(3), [""]);
  t.equal(lines.filter((line) => line.includes("version")).length, 1, "Docker takes the last line with that word");
  t.end();
});
