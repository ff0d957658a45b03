/** Programs that are run to their end, and what came of them. */
import { execa } from "execa";

export interface Outcome {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

const MILLISECONDS = 60_000;

/** Runs a program with this standard input; after a minute it is killed. */
export async function outcomeOf(file: string, args: readonly string[], input = ""): Promise<Outcome> {
  const result = await execa(file, args, { input, reject: false, stripFinalNewline: false, timeout: MILLISECONDS });
  return { code: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

/** The standard output; throws when the program, which had these arguments, failed. */
export function outputOf({ code, stdout, stderr }: Outcome, args: readonly string[]): string {
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${stderr}`);
  return stdout;
}
