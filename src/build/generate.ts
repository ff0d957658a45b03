/** Writes every file below a `generated` folder: the executor's header, the types and validators of config.json. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { computeFingerprint } from "../plan/fingerprint.ts";
import { commandLineHeader } from "./command-line-header.ts";
import { header } from "./header.ts";
import { helpModule } from "./help.ts";
import { planSchema } from "./plan-schema.ts";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** Writes a file only when its contents change, so that nothing is rebuilt for nothing. */
export function writeGenerated(path: string, contents: string): void {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  try {
    if (readFileSync(target, "utf8") === contents) return;
  } catch {
    // The file is not there yet.
  }
  writeFileSync(target, contents);
}

export async function generate(): Promise<void> {
  writeGenerated("src/executor/generated/operations.h", header());
  writeGenerated("src/plan/generated/fingerprint.ts", `export const FINGERPRINT = ${computeFingerprint()};\n`);
  writeGenerated("src/plan/generated/plan.schema.json", planSchema());
  writeGenerated("src/executor/generated/command_line.h", commandLineHeader());
  writeGenerated("src/cli/generated/help.ts", helpModule());
  const { generateSpec } = await import("./spec.ts");
  await generateSpec();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await generate();
