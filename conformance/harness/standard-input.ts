/** A process that counts what it is sent. */
import assert from "node:assert/strict";
import type { Dialogue } from "./programs.ts";

export const COUNT = ["sh", "-c", "echo ready; wc -c"];

/** The end is sent only when the process runs: ctr forgets one that comes earlier, with any runtime. */
export async function counts(process: Dialogue): Promise<void> {
  await process.says("ready");
  process.type("12345\n");
  assert.equal(await process.ended(), 0);
  assert.equal(process.output(), "ready\n6\n");
}
