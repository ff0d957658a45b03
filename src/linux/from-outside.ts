/** What the runtime does about a process from outside, for `create`, `run` and `exec` alike. */
import { slot, text } from "../plan/arguments.ts";
import type { Operation } from "../plan/operations.ts";
import type { Process } from "../spec/generated/config.ts";

/** host: process.oomScoreAdj (config.md); the process itself may lack the privilege to lower its own. */
export function setOomScore({ oomScoreAdj }: Process, base: string): Operation[] {
  if (oomScoreAdj === undefined) return [];
  const path = text`/proc/${slot("pid")}/oom_score_adj`;
  return [{ op: "write", from: `${base}/oomScoreAdj`, path, data: String(oomScoreAdj), mode: 0, flags: [] }];
}

/** host: the pid alone, without a newline; callers read it as soon as the file is there (CLI.md 3.4). */
export function writePidFile(path: string | undefined): Operation[] {
  if (path === undefined) return [];
  const data = text`${slot("pid")}`;
  return [{ op: "write", from: "--pid-file", path, data, mode: 0o644, flags: ["create", "replace"] }];
}

/** init: everything is set up; it goes on once the runtime has recorded it. `from` is the command. */
export function waitForRecord(from: string): Operation[] {
  return [
    { op: "wake", from, step: "ready" },
    { op: "wait", from, step: "committed" },
  ];
}
