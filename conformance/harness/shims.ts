/** The processes of containerd that stand between a daemon and its containers. */
import { readdirSync } from "node:fs";
import { read } from "./host.ts";

/** The command lines of shims, by pid. */
export function shims(): { pid: number; words: string[] }[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const processes = pids.map((pid) => ({ pid: Number(pid), words: (read(`/proc/${pid}/cmdline`) ?? "").split("\0") }));
  return processes.filter(({ words }) => words[0]?.endsWith("containerd-shim-runc-v2"));
}
