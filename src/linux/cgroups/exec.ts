/** `tsoci exec`: the new process joins the cgroups of a running container, or cgroups below them. */
import { TsociError } from "../../base/errors.ts";
import type { Operation } from "../../plan/operations.ts";
import type { CgroupJoinRequest } from "./cgroup-plan.ts";
import { join } from "./lifecycle.ts";
import { hasControl } from "./path.ts";
import { parentOf } from "./place.ts";
import { attachToUnit } from "./systemd/systemd.ts";

/**
 * Puts the slot `pid` into every cgroup of `paths`. Throws TsociError "usage" for a `--cgroup` that names no cgroup of
 * this container.
 */
export function planCgroupJoin(request: CgroupJoinRequest): Operation[] {
  const below = subPaths(request);
  const directories = new Set<string>();
  for (const [controller, path] of Object.entries(request.paths)) {
    const sub = below.get(controller);
    if (sub !== undefined) directories.add(inside(path, sub));
    // A v1 hierarchy may have been unmounted since.
    else if (controller === "") directories.add(undivided(path, request));
    else if (request.files.exists(path)) directories.add(path);
  }
  const from = request.subPaths.length > 0 ? "--cgroup" : "cgroup";
  return [...directories].map((directory) => {
    return mayMove(directory, request) ? join(directory, from) : attach(directory, request, from);
  });
}

/**
 * An ordinary user who comes from outside of the manager's cgroups may not move a process into them: that takes the right
 * to write cgroup.procs of the ancestor that both cgroups share. The manager asks the system's for it.
 */
function mayMove(directory: string, { managed, host, files }: CgroupJoinRequest): boolean {
  if (managed?.manager.scope !== "--user") return true;
  const cgroup2 = host.cgroup.hierarchies.find(({ version }) => version === 2);
  const own = `${cgroup2?.mount}${cgroup2?.own ?? ""}`;
  let ancestor = directory;
  while (own !== ancestor && !own.startsWith(`${ancestor}/`)) ancestor = parentOf(ancestor);
  return files.writable(`${ancestor}/cgroup.procs`);
}

function attach(directory: string, { managed, paths }: CgroupJoinRequest, from: string): Operation {
  const below = directory.slice(paths[""]?.length) || "/";
  return managed ? attachToUnit(managed, below, from) : join(directory, from);
}

/** Controller → path below the container's cgroup. */
function subPaths({ subPaths, paths }: CgroupJoinRequest): ReadonlyMap<string, string> {
  const below = new Map<string, string>();
  for (const argument of subPaths) {
    const colon = argument.indexOf(":");
    const controllers = colon < 0 ? [""] : argument.slice(0, colon).split(",");
    if (colon < 0 && (subPaths.length > 1 || paths[""] === undefined)) {
      throw refusal(argument, "missing <controller>: prefix");
    }
    for (const controller of controllers) {
      if (colon >= 0 && controller === "") throw refusal(argument, "empty <controller> prefix");
      if (below.has(controller)) throw refusal(argument, `controller ${controller} specified multiple times`);
      if (paths[controller] === undefined) throw refusal(argument, `no cgroup of the controller ${controller}`);
      below.set(controller, argument.slice(colon + 1));
    }
  }
  return below;
}

function inside(path: string, sub: string): string {
  const names = sub.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..") || hasControl(sub)) throw new TsociError("usage", `${sub} is not a sub cgroup path`);
  return [path, ...names].join("/");
}

/**
 * A container that has divided its cgroup takes no process there any more, only in a leaf (cgroup-v2.rst, No Internal
 * Process Constraint): then the process goes where init went.
 */
function undivided(path: string, { files, host, initCgroup = "" }: CgroupJoinRequest): string {
  if (!files.read(`${path}/cgroup.subtree_control`)?.trim()) return path;
  const cgroup2 = host.cgroup.hierarchies.find((hierarchy) => hierarchy.version === 2);
  const line = initCgroup.split("\n").find((candidate) => candidate.startsWith("0::"));
  if (!cgroup2 || line === undefined) return path;
  const root = cgroup2.root === "/" ? "" : cgroup2.root;
  const directory = cgroup2.mount + line.slice("0::".length + root.length);
  return directory.startsWith(`${path}/`) ? directory : path;
}

function refusal(argument: string, why: string): TsociError {
  return new TsociError("usage", `invalid --cgroup argument: ${argument} (${why})`);
}
