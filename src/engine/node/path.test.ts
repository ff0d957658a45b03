/** QuickJS's planner has the paths that Node's has. */
import * as node from "node:path";
import { test } from "tap";
import * as own from "./path.ts";

const NAMES = ["", ".", "..", "...", "a", "b c", "ü", "/"];

/** Paths of up to five names, some of them odd, with slashes in all places. */
function* paths(): Generator<string> {
  for (let seed = 0; seed < 20_000; seed++) {
    const length = seed % 6;
    let rest = Math.imul(seed, 2654435761) >>> 0;
    let path = "";
    for (let index = 0; index < length; index++) {
      path += `${NAMES[rest % NAMES.length]}${(rest >>> 4) % 4 === 0 ? "" : "/"}`;
      rest = Math.imul(rest ^ (rest >>> 7), 2654435761) >>> 0;
    }
    yield path;
  }
}

test("as node:path", async (t) => {
  const different: unknown[] = [];
  let before = "x";
  for (const path of paths()) {
    const same = (name: string, got: unknown, wanted: unknown) => {
      if (got !== wanted) different.push({ name, path, before, got, wanted });
    };
    same("normalize", own.normalize(path), node.posix.normalize(path));
    same("basename", own.basename(path), node.posix.basename(path));
    same("join", own.join(before, path), node.posix.join(before, path));
    same("resolve", own.resolve("/root", before, path), node.posix.resolve("/root", before, path));
    before = path;
  }
  t.same(different.slice(0, 5), []);
});
