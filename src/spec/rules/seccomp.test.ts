import t from "tap";
import { testRules } from "./rule-cases.ts";

const seccomp = (defaultAction: string, more: object = {}) => ({ linux: { seccomp: { defaultAction, ...more } } });
const syscall = (action: string, more: object = {}) => ({ syscalls: [{ names: ["read"], action, ...more }] });
const needed = "/linux/seccomp/listenerPath: is required with SCMP_ACT_NOTIFY";

testRules(t, {
  "seccomp-errno": [
    [seccomp("SCMP_ACT_ERRNO", { defaultErrnoRet: 38, ...syscall("SCMP_ACT_TRACE", { errnoRet: 5 }) })],
    [seccomp("SCMP_ACT_ALLOW", { defaultErrnoRet: null, ...syscall("SCMP_ACT_KILL", { errnoRet: null }) })],
    [
      seccomp("SCMP_ACT_ALLOW", { defaultErrnoRet: 1 }),
      "/linux/seccomp/defaultErrnoRet: must not be set: SCMP_ACT_ALLOW returns no error number",
    ],
    [
      seccomp("SCMP_ACT_ALLOW", syscall("SCMP_ACT_KILL", { errnoRet: 1 })),
      "/linux/seccomp/syscalls/0/errnoRet: must not be set: SCMP_ACT_KILL returns no error number",
    ],
    [
      seccomp("SCMP_ACT_ALLOW", { syscalls: [{ names: [], action: "SCMP_ACT_LOG" }] }),
      "/linux/seccomp/syscalls/0/names: must have at least one entry",
    ],
  ],
  "seccomp-listener": [
    [seccomp("SCMP_ACT_ALLOW", { listenerPath: "/run/a", ...syscall("SCMP_ACT_NOTIFY") })],
    [{ ...seccomp("SCMP_ACT_NOTIFY"), annotations: { "run.oci.seccomp.receiver": "/run/a" } }],
    [seccomp("SCMP_ACT_ALLOW", syscall("SCMP_ACT_NOTIFY")), needed],
    [seccomp("SCMP_ACT_NOTIFY"), needed],
    [
      seccomp("SCMP_ACT_ALLOW", { listenerMetadata: "x" }),
      "/linux/seccomp/listenerPath: is required with listenerMetadata",
    ],
  ],
});
