/** A runtime where the documentation has it installed. */
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { execaSync } from "execa";

/** Makes it /usr/local/bin/tsoci, in this mount namespace, which must be private; a link is left in the directory. */
export function install(runtime: string, directory: string): void {
  const bin = join(directory, "bin");
  mkdirSync(bin);
  symlinkSync(runtime, join(bin, "tsoci"));
  const layers = `lowerdir=${bin}:/usr/local/bin`;
  execaSync("mount", ["-t", "overlay", "-o", layers, "overlay", "/usr/local/bin"]);
}
