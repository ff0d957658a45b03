/** What the planner uses of node:child_process, on QuickJS. */
import { host } from "../host.ts";

interface Result {
  readonly error?: Error;
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, without standard input. */
export function spawnSync(
  program: string,
  args: readonly string[],
  { env }: { env: Readonly<Record<string, string>> },
): Result {
  const environment = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const answer = host.run([program, ...args], environment);
  if (typeof answer === "number") {
    return { error: new Error(`${program}: errno ${-answer}`), status: -1, stdout: "", stderr: "" };
  }
  const [status, stdout, stderr] = answer;
  return { status, stdout, stderr };
}
