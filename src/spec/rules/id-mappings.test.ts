import t from "tap";
import { isolated, testRules } from "./rule-cases.ts";

const range = (containerID: number, hostID: number, size: number) => ({ containerID, hostID, size });
const both = (...mappings: readonly object[]) => ({ uidMappings: mappings, gidMappings: mappings });
const mount = (more: object) => ({ mounts: [{ destination: "/a", type: "tmpfs", ...more }] });
const ONE = range(0, 1000, 1);

testRules(t, {
  "mappings-and-user-namespace": [
    [isolated("user", both(ONE))],
    [{ linux: { namespaces: [{ type: "user", path: "/proc/7/ns/user" }] } }],
    [{ linux: { namespaces: [{ type: "user", path: "/proc/7/ns/user" }], ...both(ONE) } }],
    [isolated("pid", { uidMappings: [], gidMappings: null })],
    [
      isolated("user"),
      "/linux/uidMappings: user namespaces enabled, but no uid mappings found",
      "/linux/gidMappings: user namespaces enabled, but no gid mappings found",
    ],
    [
      { linux: { namespaces: [{ type: "user", path: "" }], uidMappings: [ONE] } },
      "/linux/gidMappings: user namespaces enabled, but no gid mappings found",
    ],
    [
      isolated("pid", { uidMappings: [ONE] }),
      "/linux/uidMappings: user namespace mappings specified, but user namespace isn't enabled in the config",
    ],
  ],
  "mapping-ranges": [
    [isolated("user", both(range(0, 1000, 10), range(10, 0, 1000), range(1010, 1010, 5)))],
    [isolated("user", both(range(0, 0, 4294967295)))],
    [isolated("user", both(range(4294967294, 4294967294, 1)))],
    [
      isolated("user", { uidMappings: [range(1, 0, 4294967295)], gidMappings: [ONE] }),
      "/linux/uidMappings/0/size: the ids from 1 on end at 4294967294: at most 4294967294 fit",
    ],
    [
      isolated("user", { uidMappings: [range(0, 1000, 10), range(9, 1010, 1)], gidMappings: [ONE] }),
      "/linux/uidMappings/1/containerID: overlaps with entry 0",
    ],
    [
      isolated("user", {
        uidMappings: [ONE],
        gidMappings: [range(5, 1005, 10), range(0, 1000, 5), range(20, 1000, 1)],
      }),
      "/linux/gidMappings/2/hostID: overlaps with entry 1",
    ],
    [
      isolated("user", { uidMappings: [ONE], gidMappings: Array.from({ length: 341 }, (_, id) => range(id, id, 1)) }),
      "/linux/gidMappings: the kernel takes at most 340 entries, not 341",
    ],
  ],
  "mount-mapping-ranges": [
    [mount(both(ONE))],
    [
      mount({ uidMappings: [ONE, ONE], gidMappings: [ONE] }),
      "/mounts/0/uidMappings/1/containerID: overlaps with entry 0",
      "/mounts/0/uidMappings/1/hostID: overlaps with entry 0",
    ],
    [mount({ uidMappings: [ONE] }), "/mounts/0/gidMappings: is required with uidMappings"],
    [mount({ gidMappings: [ONE] }), "/mounts/0/uidMappings: is required with gidMappings"],
  ],
});
