/** process.execCPUAffinity (config.md, "Linux Process"; sched_setaffinity(2)), and whose affinity a process has without. */
import type { Operation } from "../plan/operations.ts";
import type { Process } from "../spec/generated/config.ts";
import { numberMask } from "./number-mask.ts";

/**
 * init, in its cgroups: all CPUs of its cpuset. Since Linux 6.2 the affinity of whoever called the runtime (a unit of
 * systemd with CPUAffinity=, say) would outlast the change of cpuset.
 */
export function resetAffinity(from: string): Operation[] {
  return [{ op: "cpu_affinity", from, cpus: new Uint8Array(), flags: ["optional"] }];
}

/** host, `exec` only: where the runtime runs, and what it clones, until the process is in its cgroups. */
export function initialAffinity({ execCPUAffinity }: Process, base: string): Operation[] {
  const { initial = "" } = execCPUAffinity ?? {};
  return initial === "" ? [] : setAffinity(`${base}/execCPUAffinity/initial`, initial);
}

/** init, `exec` only: in its cgroups. Without `final` the kernel decides (config.md). */
export function finalAffinity({ execCPUAffinity }: Process, base: string): Operation[] {
  const { final = "" } = execCPUAffinity ?? {};
  if (final !== "") return setAffinity(`${base}/execCPUAffinity/final`, final);
  return execCPUAffinity === undefined ? resetAffinity("cgroup") : [];
}

function setAffinity(from: string, list: string): Operation[] {
  return [{ op: "cpu_affinity", from, cpus: numberMask(list), flags: [] }];
}
