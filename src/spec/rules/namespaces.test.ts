import t from "tap";
import { isolated, testRules } from "./rule-cases.ts";

const joined = (type: string, more: object = {}) => ({
  linux: { namespaces: [{ type, path: `/proc/7/ns/${type}` }], ...more },
});
const offsets = { timeOffsets: { monotonic: { secs: 5 } } };
const masks = { maskedPaths: ["/proc/kcore"], readonlyPaths: ["/proc/sys"] };

testRules(t, {
  "unique-namespaces": [
    [isolated("cgroup ipc mount network pid time uts")],
    [
      isolated("pid uts pid uts"),
      "/linux/namespaces/2/type: duplicated namespace pid",
      "/linux/namespaces/3/type: duplicated namespace uts",
    ],
    [
      { linux: { namespaces: [{ type: "pid" }, { type: "pid", path: "/proc/1/ns/pid" }] } },
      "/linux/namespaces/1/type: duplicated namespace pid",
    ],
  ],
  "names-need-uts": [
    [{ hostname: "", domainname: "" }],
    [{ hostname: "a", domainname: "b", ...isolated("uts") }],
    [{ hostname: "a", ...joined("uts") }],
    [{ hostname: "a".repeat(64), ...isolated("uts") }],
    [{ hostname: "a".repeat(65), ...isolated("uts") }, "/hostname: must be at most 64 bytes long"],
    [{ domainname: "é".repeat(33), ...isolated("uts") }, "/domainname: must be at most 64 bytes long"],
    [
      { hostname: "a", domainname: "b", ...isolated("pid") },
      "/hostname: unable to set hostname without a private UTS namespace",
      "/domainname: unable to set domainname without a private UTS namespace",
    ],
  ],
  "masks-need-mount": [
    [isolated("mount", masks)],
    [joined("mount", masks)],
    [isolated("pid", { maskedPaths: [], readonlyPaths: null })],
    [
      isolated("pid", masks),
      "/linux/maskedPaths: unable to apply maskedPaths without a private mount namespace",
      "/linux/readonlyPaths: unable to apply readonlyPaths without a private mount namespace",
    ],
  ],
  "time-offsets-need-time": [
    [isolated("time", offsets)],
    [isolated("pid", { timeOffsets: {} })],
    [isolated("pid", offsets), "/linux/timeOffsets: unable to set time offsets without a private time namespace"],
    [joined("time", offsets), "/linux/timeOffsets: unable to set time offsets of a joined time namespace"],
    [
      isolated("time", { timeOffsets: { realtime: {} } }),
      "/linux/timeOffsets/realtime: the name must be one of boottime, monotonic",
    ],
  ],
});
