/** The flags to load a filter with (seccomp(2)). */
import { SECCOMP_FLAGS } from "../../kernel/seccomp.ts";
import type { SeccompFlag } from "../../spec/generated/config.ts";

export type LoadFlag = SeccompFlag | "SECCOMP_FILTER_FLAG_NEW_LISTENER";

/**
 * As runc and crun: a profile that names no flags gets SPEC_ALLOW, without which kernels before 5.16 slow every
 * filtered program down with mitigations against speculative store bypass; an empty list means none. The kernel refuses
 * a flag about listeners without one, and TSYNC with one: init has no other threads that it could be for.
 */
export function loadFlags(asked: readonly SeccompFlag[] | undefined, listener: boolean): readonly LoadFlag[] {
  const given = asked ?? ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"];
  if (!listener) return given.filter((flag) => !SECCOMP_FLAGS[flag].listener);
  return [...given.filter((flag) => flag !== "SECCOMP_FILTER_FLAG_TSYNC"), "SECCOMP_FILTER_FLAG_NEW_LISTENER"];
}
