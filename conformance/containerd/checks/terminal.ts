/** Shells at the terminals of 33 rows and 77 columns that callers are given. */
import type { Dialogue } from "../../harness/programs.ts";

/** Checks the terminal of a shell. Its size is told a moment after the start. */
export async function hasTerminal(shell: Dialogue): Promise<void> {
  shell.type("tty; while [ \"$(stty size 2>/dev/null)\" != '33 77' ]; do sleep 0.05; done; stty size\n");
  await shell.says(/\/dev\/pts\/0[\s\S]*\n33 77/);
}
