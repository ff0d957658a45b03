/** The configuration of dockerd: docs/docker.md, word for word. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "../rootfs.ts";

/** The name that the documentation gives to the runtime. */
export const RUNTIME = "tsoci";

/** Writes daemon.json and returns its path. */
export function writeConfiguration(directory: string): string {
  const text = readFileSync(join(PROJECT, "docs/docker.md"), "utf8");
  const [, block] = /^```json\n(.*?)^```$/ms.exec(text) ?? [];
  if (block === undefined) throw new Error("docs/docker.md has no daemon.json");
  const file = join(directory, "daemon.json");
  writeFileSync(file, block);
  return file;
}
