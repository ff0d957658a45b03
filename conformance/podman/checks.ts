/** Everything that is checked, in the order of the table. */
import { EXEC } from "./checks/exec.ts";
import { EXIT_CODES } from "./checks/exit-codes.ts";
import { LIFECYCLE } from "./checks/lifecycle.ts";
import { LIMITS } from "./checks/limits.ts";
import { MOUNTS } from "./checks/mounts.ts";
import { NAMESPACES } from "./checks/namespaces.ts";
import { PODS } from "./checks/pods.ts";
import { RUN } from "./checks/run.ts";
import { SECURITY } from "./checks/security.ts";
import { TERMINALS } from "./checks/terminals.ts";
import type { Check } from "./verdict.ts";

export const CHECKS: readonly Check[] = [
  ...RUN,
  ...TERMINALS,
  ...EXEC,
  ...LIFECYCLE,
  ...LIMITS,
  ...SECURITY,
  ...NAMESPACES,
  ...MOUNTS,
  ...PODS,
  ...EXIT_CODES,
];
