import t from "tap";
import { testRules } from "./rule-cases.ts";

const resources = (more: object) => ({ linux: { resources: more } });
const path = (cgroupsPath: string) => ({ linux: { cgroupsPath } });
const rdt = (closID: string) => ({ linux: { intelRdt: { closID } } });
const outside = '/linux/cgroupsPath: must not contain "..": it would lead out of the cgroup it starts from';
const unified = (file: string) => resources({ unified: { [file]: "1" } });
const UNIFIED = "/linux/resources/unified";

testRules(t, {
  "cgroups-path": [
    [path("/a/b")],
    [path("a..b/..c")],
    [path("system.slice:tsoci:a")],
    ...["..", "/..", "a/../b", "../../x", "/a/.."].map((text) => [path(text), outside] as const),
  ],
  "intel-rdt-class": [
    [rdt("/")],
    [rdt("guaranteed_group")],
    ...["..", ".", "a/b", "/a", "a\nb"].map(
      (text) => [rdt(text), '/linux/intelRdt/closID: must be the name of a directory, or "/"'] as const,
    ),
  ],
  "unified-files": [
    [resources({ unified: { "memory.high": "1", "hugetlb.1GB.max": "1", "cgroup.max.depth": "3" } })],
    [unified(""), `${UNIFIED}/: the name must not be empty`],
    ...["../../x", "a/b", "..", "a b", "a\n"].map(
      (file) =>
        [
          unified(file),
          `${UNIFIED}/${file.replaceAll("/", "~1")}: ${JSON.stringify(file)} is not the name of a file of a cgroup`,
        ] as const,
    ),
    ...["procs", "threads", "type", "subtree_control", "kill", "freeze"].map(
      (name) =>
        [
          unified(`cgroup.${name}`),
          `${UNIFIED}/cgroup.${name}: cgroup.${name} is not a setting: tsoci alone writes it`,
        ] as const,
    ),
  ],
  "cpu-burst": [
    [resources({ cpu: { burst: 10, quota: 10 } })],
    [resources({ cpu: { burst: 10, quota: -1 } })],
    [resources({ cpu: { burst: 10 } })],
    [resources({ cpu: { burst: 11, quota: 10 } }), "/linux/resources/cpu/burst: must not be above quota"],
  ],
  "cpu-sets": [
    [resources({ cpu: { cpus: "0-3,7", mems: "" } })],
    [
      resources({ cpu: { cpus: "3-0", mems: "x" } }),
      '/linux/resources/cpu/mems: must be a list such as 0-3,7, not "x"',
    ],
    [resources({ cpu: { cpus: "3-0" } }), "/linux/resources/cpu/cpus: the range 3-0 runs backwards"],
  ],
  "memory-swap": [
    [resources({ memory: { limit: 10, swap: 10 } })],
    [resources({ memory: { limit: 10, swap: -1 } })],
    [resources({ memory: { limit: -1, swap: 10 } })],
    [resources({ memory: { swap: 10 } })],
    [resources({ memory: { limit: 11, swap: 10 } }), "/linux/resources/memory/swap: must not be less than limit, 11"],
  ],
});
