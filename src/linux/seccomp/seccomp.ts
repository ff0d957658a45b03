/** linux.seccomp: the compiled filter as an operation. */
import type { Operation } from "../../plan/operations.ts";
import type { Seccomp } from "../../spec/generated/config.ts";
import { compileSeccomp } from "./compile.ts";

/**
 * `arch` is the machine's name (src/kernel/seccomp.ts). Names of system calls that this tsoci does not know are left out
 * without a word, as every runtime does: profiles are shared between kernels. `tsoci validate` lists them.
 */
export function planSeccomp(
  seccomp: Seccomp,
  arch: string,
  exact: (pointer: string) => bigint | undefined,
): Operation[] {
  const { filter, flags } = compileSeccomp(seccomp, { arch }, { exact });
  return [{ op: "seccomp", from: "/linux/seccomp", filter, flags }];
}
