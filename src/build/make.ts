/** Making files of bin/ only when what they are made from has changed. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The sources below a directory, without tests. */
export function filesBelow(directory: string, suffix: RegExp): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => suffix.test(path) && !/\.test\.ts$|\/fuzz\//.test(path) && statSync(path).isFile());
}

/** A hash of files and settings. */
export function fingerprint(inputs: readonly string[], settings: string): string {
  const hash = createHash("sha256").update(settings);
  for (const input of [...inputs].sort()) hash.update(input).update(readFileSync(input));
  return hash.digest("hex");
}

/** Makes a file anew when its inputs or settings are not those it was made from, which are recorded beside it. */
export async function make(
  target: string,
  inputs: readonly string[],
  settings: string,
  build: (output: string) => Promise<unknown>,
): Promise<void> {
  const stamp = `${target}.stamp`;
  const wanted = fingerprint(inputs, settings);
  if (existsSync(target) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  const temporary = `${target}.new`;
  await build(temporary);
  renameSync(temporary, target);
  writeFileSync(stamp, wanted);
}
