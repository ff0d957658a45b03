/** linux.seccomp: the filter as an operation. */
import { TsociError } from "../../base/errors.ts";
import type { Operation } from "../../plan/operations.ts";
import { compileSeccomp } from "./compile.ts";
import type { Exact } from "./condition.ts";
import { loadFlags } from "./load-flags.ts";
import { SECCOMP } from "./profile.ts";
import { ANNOTATIONS, agentOf, annotationEntry, givenProgram, type SeccompSource } from "./source.ts";

interface Filter {
  readonly from: string;
  readonly filter: Uint8Array;
}

/** Nothing where there is no filter. `arch`: the machine's name (src/kernel/seccomp.ts). */
export function planSeccomp(source: SeccompSource, arch: string, exact: Exact): Operation[] {
  refusePlugins(source);
  const found = findFilter(source, arch, exact);
  if (found === undefined) return [];
  return [{ op: "seccomp", ...found, flags: loadFlags(source.seccomp?.flags, agentOf(source) !== undefined) }];
}

function findFilter(source: SeccompSource, arch: string, exact: Exact): Filter | undefined {
  const given = givenProgram(source);
  if (given !== undefined) return { from: annotationEntry("program"), filter: given };
  const { seccomp, annotations } = source;
  if (seccomp === undefined) return undefined;
  const { filter, warnings } = compileSeccomp(seccomp, { arch }, { exact });
  // Names that this tsoci does not know are left out without a word, as every runtime does: profiles are shared between
  // kernels. `tsoci validate` lists them.
  if (annotations?.[ANNOTATIONS.strict] === undefined) return { from: SECCOMP, filter };
  const unknown = warnings().find(({ about }) => about === "name");
  if (unknown === undefined) return { from: SECCOMP, filter };
  throw new TsociError("config", unknown.message, { pointer: unknown.pointer });
}

function refusePlugins({ annotations }: SeccompSource): void {
  if (annotations?.[ANNOTATIONS.plugins] === undefined) return;
  const message =
    "libraries of crun's can't be loaded: tsoci is a static program (linux.seccomp.listenerPath names an agent)";
  throw new TsociError("unsupported", message, { pointer: annotationEntry("plugins") });
}
