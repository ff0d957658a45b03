/** Control groups. Their files are written by `write`. */
import { bytes, flags, number, type Text, textArgument as text } from "../arguments.ts";
import { define } from "../definition.ts";
import { quote, show } from "../shell-words.ts";

export const cgroupOperations = {
  cgroup: define({
    about:
      "Makes a cgroup and its missing parents below a mount point. cpuset: every directory made inherits cpuset.cpus and cpuset.mems from its " +
      'parent (v1). controllers: words for cgroup.subtree_control of every ancestor, "+cpu +memory" (v2); one that is not available is an error. ' +
      "empty: fails when the cgroup holds processes, or another create has it; locks it (flock) until the runtime ends. optional: EPERM, EACCES and EROFS are ignored.",
    places: ["host"],
    args: { mount: text, path: text, controllers: text, flags: flags({ cpuset: 1, empty: 2, optional: 4 }) },
    says: (a) => `make cgroup ${show(a.mount)}${show(a.path)}`,
    shell: (a) => {
      const make = `mkdir -p ${join(a.mount, a.path)}`;
      if (a.controllers === "") return make;
      return `${make}; echo ${quote(a.controllers)} > ${quote(a.mount)}/cgroup.subtree_control   # and below`;
    },
  }),
  rmdir_cgroup: define({
    about:
      "Removes a cgroup and all below it, waiting while the kernel still holds it, then up to `parents` parents that are empty. Missing is fine.",
    places: ["undo"],
    args: { mount: text, path: text, parents: number },
    says: (a) => `remove cgroup ${show(a.mount)}${show(a.path)}`,
    shell: (a) => {
      const up = Array.from(
        { length: Math.min(Number(a.parents), DEEPEST) },
        (_, index) => ` ${join(a.mount, a.path)}${"/..".repeat(index + 1)}`,
      );
      return `rmdir ${join(a.mount, a.path)}${up.join("")}`;
    },
  }),
  device_filter: define({
    about:
      "Loads an eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE and attaches it to a cgroup (v2). optional: EPERM is ignored.",
    places: ["host"],
    args: { cgroup: text, program: bytes, flags: flags({ optional: 1 }) },
    says: (a) => `filter devices of ${show(a.cgroup)}`,
    shell: (a) =>
      `bpftool cgroup attach ${quote(a.cgroup)} device pinned PROGRAM   # ${a.program.length / 8} instructions`,
  }),
};

/** Nobody reads on after so many. */
const DEEPEST = 16;

function join(mount: Text, path: Text): string {
  return typeof mount === "string" && typeof path === "string" ? quote(mount + path) : quote(mount) + quote(path);
}
