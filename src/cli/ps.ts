/** `tsoci ps`: the processes of a container, as pids of the host. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { TsociError } from "../base/errors.ts";
import type { Plan } from "../plan/plan.ts";
import { findContainer } from "../state/containers.ts";
import type { RequestOf } from "./declaration.ts";
import type { Surroundings } from "./main.ts";
import { printing } from "./printing.ts";

const DEFAULT_OPTIONS = ["-ef"];

export async function ps({ args, flags }: RequestOf<"ps">, { root }: Surroundings): Promise<Plan> {
  const { recorded, pid } = findContainer(root, args.id);
  const cgroup = recorded.cgroup_paths[""] ?? recorded.cgroup_paths.pids ?? Object.values(recorded.cgroup_paths)[0];
  // Without a cgroup of its own only init is known to belong to it.
  const pids = cgroup === undefined ? (pid > 0 ? [pid] : []) : processes(cgroup);
  if (flags.format === "json") return printing(`${pids.length > 0 ? JSON.stringify(pids) : "null"}\n`, "ps");
  // containerd passes all of ps's options as one argument.
  const options = args.options.flatMap((option) => option.split(/\s+/)).filter((option) => option !== "");
  return printing(await table(pids, options.length > 0 ? options : DEFAULT_OPTIONS), "ps");
}

function processes(cgroup: string): number[] {
  let own: string;
  try {
    own = readFileSync(join(cgroup, "cgroup.procs"), "utf8");
  } catch {
    return [];
  }
  const below = readdirSync(cgroup).map((name) => join(cgroup, name));
  const pids = own
    .split("\n")
    .filter((line) => line !== "")
    .map(Number);
  const directories = below.filter((path) => statSync(path).isDirectory());
  return [...pids, ...directories.flatMap(processes)].sort((a, b) => a - b);
}

/** The lines of ps(1) that are about these processes. */
async function table(pids: readonly number[], options: readonly string[]): Promise<string> {
  // Not execa: whatever it imports would be loaded with every command, and opening process.stdin makes what the
  // container shares with us non-blocking.
  const { spawnSync } = await import("node:child_process");
  const env = { PATH: "/usr/bin:/bin", ...columns() };
  const { error, status, stdout, stderr } = spawnSync("ps", options, { encoding: "utf8", env });
  if (error) throw new TsociError("host", `ps can't be run: ${error.message}`, { cause: error });
  if (status !== 0) throw new TsociError("usage", `ps failed: ${stderr.trim().split("\n")[0]}`);
  const [header = "", ...rows] = stdout.trimEnd().split("\n");
  const column = header.trim().split(/\s+/).indexOf("PID");
  if (column < 0) throw new TsociError("usage", "couldn't find PID field in ps output");
  const wanted = new Set(pids.map(String));
  const chosen = rows.filter((row) => wanted.has(row.trim().split(/\s+/)[column] ?? ""));
  return [header, ...chosen].map((line) => `${line}\n`).join("");
}

function columns(): Record<string, string> {
  const { COLUMNS } = process.env;
  return COLUMNS === undefined ? {} : { COLUMNS };
}
