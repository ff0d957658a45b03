/**
 * Builds tap's test class with the plugins of .taprc: a fresh installation has another set, which needs a TypeScript
 * compiler of its own. It takes some seconds, so it is done once for each .taprc and installation.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { root } from "./generate.ts";

// Inside what `npm ci` replaces, like tap's own files.
const done = join(root, "node_modules/.cache/tsoci/taprc");
const wanted = readFileSync(join(root, ".taprc"), "utf8");

function wasDone(): boolean {
  try {
    return readFileSync(done, "utf8") === wanted;
  } catch {
    return false;
  }
}

if (!wasDone()) {
  await execa("tap", ["build"], { cwd: root, preferLocal: true, stdout: "ignore", stderr: "inherit" });
  mkdirSync(dirname(done), { recursive: true });
  writeFileSync(done, wanted);
}
