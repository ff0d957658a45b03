/** Rules about `linux.seccomp` (config-linux.md, Seccomp). */
import { pointer } from "../../base/pointer.ts";
import type { Seccomp, SeccompAction, Spec } from "../generated/config.ts";
import type { Rule } from "../rule.ts";

/** Actions that hand a number to the process or its tracer. */
const WITH_ERRNO: ReadonlySet<SeccompAction> = new Set<SeccompAction>(["SCMP_ACT_ERRNO", "SCMP_ACT_TRACE"]);

export const seccompRules: readonly Rule<Seccomp>[] = [
  {
    name: "seccomp-errno",
    section: "config-linux.md, Seccomp",
    reads: [""],
    check({ defaultAction, defaultErrnoRet, syscalls }, report) {
      const without = (action: SeccompAction) => `must not be set: ${action} returns no error number`;
      if (defaultErrnoRet !== undefined && !WITH_ERRNO.has(defaultAction))
        report("/defaultErrnoRet", without(defaultAction));
      syscalls?.forEach(({ action, errnoRet }, index) => {
        if (errnoRet !== undefined && !WITH_ERRNO.has(action)) {
          report(pointer("/syscalls", index, "errnoRet"), without(action));
        }
      });
    },
  },
];

/** An annotation of crun's that names the socket as well. */
const RECEIVER = "run.oci.seccomp.receiver";

export const seccompListenerRules: readonly Rule<Spec>[] = [
  {
    name: "seccomp-listener",
    section: "config-linux.md, Seccomp",
    reads: ["/linux/seccomp", "/annotations"],
    check({ linux, annotations }, report) {
      const seccomp = linux?.seccomp;
      if (seccomp === undefined || annotations?.[RECEIVER] !== undefined) return;
      const actions = [seccomp.defaultAction, ...(seccomp.syscalls ?? []).map((rule) => rule.action)];
      if (actions.includes("SCMP_ACT_NOTIFY") && seccomp.listenerPath === undefined) {
        report("/linux/seccomp/listenerPath", "is required with SCMP_ACT_NOTIFY");
      }
    },
  },
];
