/** linux.cgroupsPath (config-linux.md, Cgroups Path): from config.json to a path below a hierarchy's mount point. */
import { TsociError } from "../../base/errors.ts";
import type { CgroupHierarchy } from "../../facts/facts.ts";
import type { CgroupRequest } from "./cgroup-plan.ts";

const POINTER = "/linux/cgroupsPath";

/**
 * Absolute: below the mount point. Relative, or absent (then it is the container's id): below the runtime's own cgroup
 * on v1, below the parent of it on v2, where a cgroup with processes can't hand controllers to its children. Throws
 * TsociError "config" for a path that leads out of that place or names no cgroup in it.
 */
export function cgroupPath(hierarchy: CgroupHierarchy, request: CgroupRequest): string {
  const wanted = request.cgroupsPath || request.id;
  if (hasControl(wanted)) throw refusal("has a control character");
  const names = components(wanted);
  if (names.length === 0) throw refusal("must name a cgroup below the place where it starts");
  const base = wanted.startsWith("/") ? "/" : start(hierarchy, request);
  return `${base === "/" ? "" : base}/${names.join("/")}`;
}

/** A newline would forge lines of /proc/PID/cgroup; a NUL would cut the path. Faster when cold than an expression. */
export function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

/** Cleans lexically, before any file is looked at: ".." never reaches the kernel. */
function components(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") names.push(name);
    else if (names.pop() === undefined) throw refusal("leads out of the cgroup hierarchy with ..");
  }
  return names;
}

/** Where relative paths start. */
function start(hierarchy: CgroupHierarchy, request: CgroupRequest): string {
  if (hierarchy.own === null) {
    throw new TsociError(
      "host",
      `the runtime's own cgroup is not visible below ${hierarchy.mount}: an absolute path is needed`,
      {
        pointer: POINTER,
      },
    );
  }
  if (request.host.cgroup.layout !== "v2") return hierarchy.own;
  return hierarchy.own.slice(0, hierarchy.own.lastIndexOf("/")) || "/";
}

function refusal(why: string): TsociError {
  return new TsociError("config", `the path ${why}`, { pointer: POINTER });
}
