/** Everything that is checked, in the order of the table. */
import type { Check } from "../harness/checks.ts";
import type { Docker } from "./caller.ts";
import { DEFAULT_RUNTIME } from "./checks/default-runtime.ts";
import { EXEC } from "./checks/exec.ts";
import { EXIT_CODES } from "./checks/exit-codes.ts";
import { LIFECYCLE } from "./checks/lifecycle.ts";
import { LIMITS } from "./checks/limits.ts";
import { MOUNTS } from "./checks/mounts.ts";
import { NAMESPACES } from "./checks/namespaces.ts";
import { RUN } from "./checks/run.ts";
import { SECURITY } from "./checks/security.ts";
import { USER_NAMESPACES } from "./checks/user-namespaces.ts";

export const CHECKS: readonly Check<Docker>[] = [
  ...RUN,
  ...EXEC,
  ...LIFECYCLE,
  ...LIMITS,
  ...MOUNTS,
  ...SECURITY,
  ...NAMESPACES,
  ...USER_NAMESPACES,
  ...DEFAULT_RUNTIME,
  ...EXIT_CODES,
];
