/** Everything that is checked, in the order of the table. */
import type { Check } from "../harness/checks.ts";
import type { Containerd } from "./caller.ts";
import { CONTAINER_OPTIONS } from "./checks/container-options.ts";
import { CONTAINERS } from "./checks/containers.ts";
import { DAEMON } from "./checks/daemon.ts";
import { EXEC } from "./checks/exec.ts";
import { OPTIONS } from "./checks/options.ts";
import { PODS } from "./checks/pods.ts";
import { RUN } from "./checks/run.ts";
import { TASKS } from "./checks/tasks.ts";

export const CHECKS: readonly Check<Containerd>[] = [
  ...RUN,
  ...OPTIONS,
  ...EXEC,
  ...TASKS,
  ...DAEMON,
  ...PODS,
  ...CONTAINERS,
  ...CONTAINER_OPTIONS,
];
