/** Where a filter comes from: linux.seccomp, and what crun's annotations say (CLI.md 2.2). */
import { TsociError } from "../../base/errors.ts";
import { pointer } from "../../base/pointer.ts";
import type { Linux, Seccomp, Spec } from "../../spec/generated/config.ts";
import { asksAgent } from "./profile.ts";
import { decodeProgram, notifies } from "./raw.ts";

export interface SeccompSource {
  readonly seccomp: Seccomp | undefined;
  readonly annotations: Spec["annotations"];
}

export const ANNOTATIONS = {
  /** A filter in base64, instead of the profile. */
  program: "run.oci.seccomp_bpf_data",
  /** The agent's socket, where listenerPath is not set. */
  receiver: "run.oci.seccomp.receiver",
  /** Libraries of crun's that answer. */
  plugins: "run.oci.seccomp.plugins",
  /** Names of system calls that the machine does not have are errors. */
  strict: "run.oci.seccomp_fail_unknown_syscall",
} as const;

interface Described {
  readonly linux?: Pick<Linux, "seccomp"> | undefined;
  readonly annotations?: Spec["annotations"];
}

export function sourceOf({ linux, annotations }: Described): SeccompSource {
  return { seccomp: linux?.seccomp, annotations };
}

export function annotationEntry(name: keyof typeof ANNOTATIONS): string {
  return pointer("/annotations", ANNOTATIONS[name]);
}

/** The filter that is given as it is, if there is one. */
export function givenProgram({ annotations }: SeccompSource): Uint8Array | undefined {
  const data = annotations?.[ANNOTATIONS.program];
  return data === undefined ? undefined : decodeProgram(data, annotationEntry("program"));
}

/** The agent's socket and the entry that names it; undefined where no filter asks anybody. */
export function agentOf(source: SeccompSource): { readonly from: string; readonly path: string } | undefined {
  const { seccomp, annotations } = source;
  const program = givenProgram(source);
  const asks = program === undefined ? seccomp !== undefined && asksAgent(seccomp) : notifies(program);
  if (!asks) return undefined;
  if (seccomp?.listenerPath !== undefined) return { from: "/linux/seccomp/listenerPath", path: seccomp.listenerPath };
  const receiver = annotations?.[ANNOTATIONS.receiver];
  if (receiver !== undefined && receiver !== "") return { from: annotationEntry("receiver"), path: receiver };
  throw new TsociError("config", "is required with SCMP_ACT_NOTIFY", { pointer: "/linux/seccomp/listenerPath" });
}
