/** Rules about cgroups and what is controlled through them. */
import { pointer } from "../../base/pointer.ts";
import type { Resources, Spec } from "../generated/config.ts";
import { integer, type Rule } from "../rule.ts";
import { listProblem } from "./number-list.ts";

/**
 * Files of a cgroup that are no settings: they move, freeze or kill processes, or change what the runtime relies on.
 * Written through `unified` they would reach processes that are not the container's.
 */
const NO_SETTINGS: ReadonlySet<string> = new Set([
  "cgroup.procs",
  "cgroup.threads",
  "cgroup.type",
  "cgroup.subtree_control",
  "cgroup.kill",
  "cgroup.freeze",
]);

export const cgroupRules: readonly Rule<Spec>[] = [
  {
    name: "cgroups-path",
    section: "config-linux.md, Cgroups Path",
    reads: ["/linux/cgroupsPath"],
    check({ linux }, report) {
      if (linux?.cgroupsPath?.split("/").includes("..")) {
        report("/linux/cgroupsPath", 'must not contain "..": it would lead out of the cgroup it starts from');
      }
    },
  },
  {
    name: "intel-rdt-class",
    section: "config-linux.md, IntelRdt",
    reads: ["/linux/intelRdt"],
    check({ linux }, report) {
      const closID = linux?.intelRdt?.closID;
      if (closID === undefined || closID === "/") return;
      if (closID === "." || closID === ".." || /[/\n]/.test(closID)) {
        report("/linux/intelRdt/closID", 'must be the name of a directory, or "/"');
      }
    },
  },
];

export const resourceRules: readonly Rule<Resources>[] = [
  {
    name: "unified-files",
    section: "config-linux.md, Unified",
    reads: ["/unified"],
    check({ unified }, report) {
      for (const file of Object.keys(unified ?? {})) {
        const at = pointer("/unified", file);
        if (/^\.\.?$|[/\s]/.test(file)) report(at, `${JSON.stringify(file)} is not the name of a file of a cgroup`);
        else if (NO_SETTINGS.has(file)) report(at, `${file} is not a setting: tsoci alone writes it`);
      }
    },
  },
  {
    name: "cpu-burst",
    section: "config-linux.md, CPU",
    reads: ["/cpu"],
    check({ cpu }, report, source) {
      if (cpu?.burst === undefined || cpu.quota === undefined) return;
      const quota = integer(source, "/cpu/quota", cpu.quota);
      if (quota > 0n && integer(source, "/cpu/burst", cpu.burst) > quota)
        report("/cpu/burst", "must not be above quota");
    },
  },
  {
    name: "cpu-sets",
    section: "config-linux.md, CPU",
    reads: ["/cpu"],
    check({ cpu }, report) {
      for (const name of ["cpus", "mems"] as const) {
        const problem = listProblem(cpu?.[name]);
        if (problem !== undefined) report(`/cpu/${name}`, problem);
      }
    },
  },
  {
    name: "memory-swap",
    section: "config-linux.md, Memory",
    reads: ["/memory"],
    check({ memory }, report, source) {
      if (memory?.limit === undefined || memory.swap === undefined) return;
      const limit = integer(source, "/memory/limit", memory.limit);
      const swap = integer(source, "/memory/swap", memory.swap);
      // It counts memory and swap together; zero and negative values mean "not set" and "unlimited".
      if (swap > 0n && limit > swap) report("/memory/swap", `must not be less than limit, ${limit}`);
    },
  },
];
