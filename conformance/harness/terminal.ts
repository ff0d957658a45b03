/** Shells at the terminals of 33 rows and 77 columns that callers are given. */
import type { Dialogue } from "./programs.ts";

/** Checks the terminal of a shell. Its size is told a moment after the start. */
export async function hasTerminal(shell: Dialogue): Promise<void> {
  shell.type("tty; while [ \"$(stty size 2>/dev/null)\" != '33 77' ]; do sleep 0.05; done; stty size\n");
  await shell.says(/\/dev\/pts\/0[\s\S]*\n33 77/);
}

/** Checks that the shell's terminal has Ctrl-C interrupt what the shell runs, and nothing else. */
export async function interrupts(shell: Dialogue): Promise<void> {
  shell.type("echo go$((1)); cat\n");
  await shell.says("go1");
  shell.type("typed\n");
  await shell.says(/typed\s+typed/);
  shell.type("\x03");
  // The shell forgets what was typed before it asks for more.
  await shell.says(/\^C[\s\S]*\/ # /);
  shell.type("echo status $?\n");
  await shell.says("status 130");
}
