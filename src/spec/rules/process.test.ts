import t from "tap";
import { testRules } from "./rule-cases.ts";

const process = (more: object) => ({ process: { cwd: "/", args: ["a"], ...more } });
const limit = (type: string, soft: number, hard: number) => ({ type, soft, hard });

testRules(t, {
  args: [
    [process({ args: ["a", "", "c"] })],
    [process({ args: [""] }), "/process/args/0: must name a program"],
    [process({ args: [] }), "/process/args: must have at least one entry"],
    [{ process: { cwd: "/" } }, "/process/args: is required"],
  ],
  env: [
    [process({ env: ["A=", "B==", "C=a=b"] })],
    [process({ env: ["A=", "B"] }), '/process/env/1: invalid environment variable: there is no "=" in "B"'],
    [process({ env: ["=x"] }), '/process/env/0: invalid environment variable: the name is empty in "=x"'],
  ],
  "console-size": [
    [process({ terminal: true, consoleSize: { height: 65535, width: 0 } })],
    [process({ terminal: false, consoleSize: { height: 65536, width: 0 } })],
    [process({ consoleSize: { height: 1, width: 1e9 } })],
    [
      process({ terminal: true, consoleSize: { height: 65536, width: 65536 } }),
      "/process/consoleSize/height: must be at most 65535",
      "/process/consoleSize/width: must be at most 65535",
    ],
  ],
  rlimits: [
    [process({ rlimits: [limit("RLIMIT_CORE", 0, 0), limit("RLIMIT_NOFILE", 1024, 4096)] })],
    [
      process({ rlimits: [limit("RLIMIT_CORE", 1, 2), limit("RLIMIT_CORE", 1, 2)] }),
      "/process/rlimits/1/type: duplicated rlimit RLIMIT_CORE",
    ],
    [
      process({ rlimits: [limit("RLIMIT_CORE", 3, 2)] }),
      "/process/rlimits/0/soft: the soft limit 3 is above the hard one, 2",
    ],
  ],
  scheduler: [
    [process({ scheduler: { policy: "SCHED_OTHER", nice: -20, flags: ["SCHED_FLAG_RESET_ON_FORK"] } })],
    [process({ scheduler: { policy: "SCHED_RR", priority: 1 } })],
    [process({ scheduler: { policy: "SCHED_DEADLINE", runtime: 10, deadline: 20 } })],
    [process({ scheduler: { policy: "SCHED_DEADLINE", runtime: 20, deadline: 20, period: 20 } })],
    [
      process({ scheduler: { policy: "SCHED_FIFO" } }),
      "/process/scheduler/priority: must be from 1 to 99 with SCHED_FIFO",
    ],
    [
      process({ scheduler: { policy: "SCHED_BATCH", priority: 1, period: 5 } }),
      "/process/scheduler/priority: must not be set with SCHED_BATCH",
      "/process/scheduler/period: must not be set with SCHED_BATCH",
    ],
    [
      process({ scheduler: { policy: "SCHED_DEADLINE", runtime: 0, deadline: 20, period: 10 } }),
      "/process/scheduler/runtime: must be set with SCHED_DEADLINE",
      "/process/scheduler/period: must not be less than deadline",
    ],
    [
      process({ scheduler: { policy: "SCHED_DEADLINE", runtime: 30, deadline: 20 } }),
      "/process/scheduler/deadline: must not be less than runtime",
    ],
  ],
  "exec-cpu-affinity": [
    [process({ execCPUAffinity: { initial: "0-3,7", final: " 1 , 2-2," } })],
    [process({ execCPUAffinity: { initial: "", final: "0-15:2/4" } })],
    [
      process({ execCPUAffinity: { initial: "3-1" } }),
      "/process/execCPUAffinity/initial: the range 3-1 runs backwards",
    ],
    ...["-1", "1-", "1-2-3", "1 2", "9999999", "1:2/3"].map(
      (final) =>
        [
          process({ execCPUAffinity: { final } }),
          `/process/execCPUAffinity/final: must be a list such as 0-3,7; "${final}" is neither a number nor a range`,
        ] as const,
    ),
    [
      process({ execCPUAffinity: { final: "a" } }),
      '/process/execCPUAffinity/final: must be a list such as 0-3,7, not "a"',
    ],
  ],
});
