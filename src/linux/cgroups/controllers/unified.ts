/** linux.resources.unified: files of a cgroup v2, written as they are (config-linux.md, Unified). */
import { pointer } from "../../../base/pointer.ts";
import { type ControllerPlanner, cannot, limit, wrong } from "../limits.ts";
import { hasControl } from "../path.ts";

/** Files that move or stop processes, or change what the cgroup is: they would act on more than limits. */
const CONTROL_FILES: ReadonlySet<string> = new Set([
  "cgroup.procs",
  "cgroup.threads",
  "cgroup.kill",
  "cgroup.freeze",
  "cgroup.type",
  "cgroup.subtree_control",
]);

/** One write for each line: files such as io.max take one line at a time. */
export const unified: ControllerPlanner = (limits) =>
  Object.entries(limits.resources.unified ?? {}).flatMap(([file, value]) => {
    const from = pointer("/linux/resources/unified", file);
    if (limits.version === 1) throw cannot(from, "this host has cgroup v1: unified needs cgroup v2");
    const controller = checkedController(file, from);
    const lines = value.split("\n").filter((line) => line !== "");
    // An empty value resets files such as cpuset.cpus, but write(2) of no bytes at all does nothing.
    return (lines.length > 0 ? lines : ["\n"]).map((line) => limit(limits, [controller, file], line, from));
  });

/** "memory.high" belongs to memory. Throws TsociError "config" for what isn't the name of a limit. */
function checkedController(file: string, from: string): string {
  if (file.includes("/")) throw wrong(from, "must be a file name, without slashes");
  if (hasControl(file)) throw wrong(from, "must be a file name, without control characters");
  const dot = file.indexOf(".");
  if (dot <= 0 || dot === file.length - 1) throw wrong(from, "must be in the form CONTROLLER.PARAMETER");
  if (CONTROL_FILES.has(file)) throw wrong(from, "controls processes, and is no limit");
  // Every cgroup has these, whatever its controllers.
  return file.endsWith(".pressure") ? "cgroup" : file.slice(0, dot);
}
