/** Reads what is recorded about containers, and in which status they are now. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { TsociError } from "../base/errors.ts";
import type { NamespaceType } from "../kernel/namespaces.ts";
import type { Freezer } from "../linux/cgroups/cgroup-plan.ts";
import type { ManagedUnit } from "../linux/cgroups/systemd/unit.ts";
import type { StateFiles } from "../linux/context.ts";
import type { Operation } from "../plan/operations.ts";
import { checkId, stateFiles } from "./files.ts";

export type Status = "created" | "running" | "paused" | "stopped";

/** The parts of state.json (src/linux/record.ts) that tsoci itself reads. */
interface Recorded {
  readonly id: string;
  readonly init_process_pid: number;
  readonly init_process_start: number;
  readonly created: string;
  readonly cgroup_paths: Readonly<Record<string, string>>;
  readonly intel_rdt_path?: string;
  readonly config: {
    readonly rootfs: string;
    /** --no-new-keyring at create. */
    readonly no_new_keyring: boolean;
    readonly labels: readonly string[];
    readonly namespaces: readonly { readonly type: NamespaceType; readonly path: string }[];
  };
  readonly tsoci: {
    readonly freezer: Freezer | null;
    readonly killPath: string | null;
    readonly managed?: ManagedUnit;
    /** Removes the cgroups; by the names of operations, which are the same in every build. */
    readonly undo: readonly Operation[];
    /** The same for directories of resctrl. */
    readonly undoIntelRdt: readonly Operation[];
  };
}

export interface Container {
  readonly files: StateFiles;
  readonly recorded: Recorded;
  readonly status: Status;
  /** 0 once it has stopped. */
  readonly pid: number;
  readonly bundle: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Owner of the state directory. */
  readonly uid: number;
}

/** Throws TsociError "state" when there is no such container. */
export function findContainer(root: string, id: string): Container {
  checkId(id);
  const files = stateFiles(root, id);
  if (!existsSync(files.commands)) throw new TsociError("state", "container does not exist");
  return readContainer(files);
}

function readContainer(files: StateFiles): Container {
  const recorded = JSON.parse(readFileSync(files.state, "utf8")) as Recorded;
  const status = statusOf(files, recorded);
  const labels = recorded.config.labels.map((label) => splitOnce(label, "="));
  return {
    files,
    recorded,
    status,
    pid: status === "stopped" ? 0 : recorded.init_process_pid,
    bundle: labels.findLast(([name]) => name === "bundle")?.[1] ?? "",
    annotations: Object.fromEntries(labels.slice(0, -1)),
    uid: statSync(files.directory).uid,
  };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** As the executor does it (src/executor/container.c): pid and start time name a process, a frozen cgroup is paused. */
function statusOf(files: StateFiles, recorded: Recorded): Status {
  const process = readProcess(recorded.init_process_pid);
  if (!process || process.startTime !== recorded.init_process_start || /[ZX]/.test(process.state)) return "stopped";
  const { freezer } = recorded.tsoci;
  if (freezer && (readText(freezer.file) ?? "").includes(freezer.frozen)) return "paused";
  return existsSync(files.startSocket) ? "created" : "running";
}

function readProcess(pid: number): { state: string; startTime: number } | undefined {
  const text = readText(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything: the last parenthesis ends it (proc_pid_stat(5)).
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  if (!fields) return undefined;
  return { state: fields[0] ?? "", startTime: Number(fields[19]) };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** The ids below a state root, of containers that a killed `create` left half made, too. A missing root has none. */
export function listIds(root: string): string[] {
  try {
    return readdirSync(root).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new TsociError("file", `${root} can't be read`, { cause: error });
  }
}

/** Whether `create` made all of a container. */
export function isComplete(root: string, id: string): boolean {
  return existsSync(stateFiles(root, id).commands);
}

/** Every container below a state root; `broken` gets the ids whose record can't be read. A missing root has none. */
export function listContainers(root: string, broken: (id: string, error: unknown) => void): Container[] {
  return listIds(root).flatMap((id) => {
    if (!isComplete(root, id)) return [];
    try {
      return [readContainer(stateFiles(root, id))];
    } catch (error) {
      broken(id, error);
      return [];
    }
  });
}
