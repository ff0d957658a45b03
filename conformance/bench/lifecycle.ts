/** One measured lifecycle of a container, by one runtime. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execaSync } from "execa";
import { read } from "../harness/host.ts";
import type { Runtime } from "./runtimes.ts";

export const PHASES = ["run", "create", "start", "state", "exec", "kill", "delete"] as const;
export type Phase = (typeof PHASES)[number];

/** Where the measured bundles are, and the programs that measure. */
export interface Laboratory {
  readonly directory: string;
  readonly stopwatch: string;
  /** A bundle whose program ends at once. */
  readonly brief: string;
  /** A bundle whose program waits to be killed. */
  readonly lasting: string;
}

/** Milliseconds of one command; throws when it fails. */
function measure(lab: Laboratory, runtime: Runtime, args: readonly string[]): number {
  const errors = join(lab.directory, "errors");
  const root = join(lab.directory, "state");
  const command = [runtime.path, "--root", root, ...args];
  const { stdout } = execaSync(lab.stopwatch, command, { env: { STOPWATCH_ERRORS: errors } });
  const [nanoseconds = 0, status = 1] = stdout.split(" ").map(Number);
  if (status === 0) return nanoseconds / 1e6;
  const text = readFileSync(errors, "utf8").trim().split("\n")[0];
  throw new Error(`${runtime.name} ${args[0]} failed with ${status}: ${text}`);
}

let count = 0;

/** Every phase once. */
export function lifecycle(lab: Laboratory, runtime: Runtime): Record<Phase, number> {
  const id = `bench-${process.pid}-${count++}`;
  const time = (...args: string[]) => measure(lab, runtime, args);
  const pidFile = join(lab.directory, "pid");
  const run = time("run", "--bundle", lab.brief, id);
  const create = time("create", "--bundle", lab.lasting, "--pid-file", pidFile, id);
  const pid = readFileSync(pidFile, "utf8");
  const start = time("start", id);
  const state = time("state", id);
  const exec = time("exec", id, "/program");
  const kill = time("kill", id, "KILL");
  while (!/^(undefined|.*\) [ZX] )/.test(String(read(`/proc/${pid}/stat`)))) execaSync("true");
  const remove = time("delete", id);
  return { run, create, start, state, exec, kill, delete: remove };
}

/** Takes away what a failed lifecycle may have left. */
export function cleanUp(lab: Laboratory, runtime: Runtime): void {
  const root = join(lab.directory, "state");
  const { stdout } = execaSync(runtime.path, ["--root", root, "list", "--quiet"], { reject: false });
  for (const id of stdout.split("\n").filter((line) => line !== "")) {
    execaSync(runtime.path, ["--root", root, "delete", "--force", id], { reject: false });
  }
}
