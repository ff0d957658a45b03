/** The tests as plain JavaScript: in an emulated machine a TypeScript loader would cost each of them many seconds. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../../src/build/generate.ts";

const FOLDERS = ["src", "conformance"] as const;

function filesIn(directory: string, suffix: RegExp): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => suffix.test(name))
    .map((name) => join(directory, name));
}

/** Writes src/ and conformance/ below `directory`: every x.ts as x.js, which imports others by that name. */
export async function compile(directory: string): Promise<void> {
  await build({
    entryPoints: FOLDERS.flatMap((folder) => filesIn(join(root, folder), /(?<!\.d)\.ts$/)),
    outdir: directory,
    outbase: root,
    format: "esm",
    target: `node${process.versions.node}`,
    logLevel: "error",
  });
  for (const file of filesIn(directory, /\.js$/)) {
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace(/((?:from|import) "\.[^"\n]*|import\("\.[^"\n]*)\.ts"/g, '$1.js"'));
  }
}
