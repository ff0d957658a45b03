/** What a container uses, in the shape of `runc events` (CLI.md 2.3): containerd's and others' code decodes it. */
import type { ExactJson } from "../../base/exact-json.ts";
import type { CgroupFiles } from "../../facts/facts.ts";
import { blkio } from "./statistics/blkio.ts";
import { cpu } from "./statistics/cpu.ts";
import { cpuset } from "./statistics/cpuset.ts";
import { hugetlb } from "./statistics/hugetlb.ts";
import { memory } from "./statistics/memory.ts";
import { type Counters, numberIn, omitEmpty, UNLIMITED } from "./statistics/reading.ts";

/** `paths` as recorded at create (CgroupPlan.paths): a controller without a cgroup of the container tells nothing. */
export function statistics(paths: Readonly<Record<string, string>>, files: CgroupFiles): ExactJson {
  const version = Object.keys(paths).some((controller) => controller !== "") ? 1 : 2;
  const counters: Counters = {
    version,
    read: (controller, file) => {
      const directory = paths[version === 1 ? controller : ""];
      return directory === undefined ? undefined : files.read(`${directory}/${file}`);
    },
  };
  return {
    cpu: cpu(counters),
    cpuset: cpuset(counters),
    memory: memory(counters),
    pids: pids(counters),
    blkio: blkio(counters),
    hugetlb: hugetlb(counters),
    // resctrl has no group for containers that tsoci makes.
    intel_rdt: {},
    // runc counts those that it made itself, which it does no more.
    network_interfaces: null,
  };
}

/** Unlimited is left out. */
function pids({ read }: Counters): ExactJson {
  const limit = numberIn(read("pids", "pids.max"));
  return omitEmpty({ current: numberIn(read("pids", "pids.current")), limit: limit === UNLIMITED ? 0n : limit });
}
