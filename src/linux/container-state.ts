/** The state of a container (runtime.md, "State") as hooks and seccomp agents get it. */
import { SPECIFICATION } from "../base/specification.ts";
import { type SlotReference, type Text, text } from "../plan/arguments.ts";
import type { Spec } from "../spec/generated/config.ts";

export interface StateSubject {
  readonly id: string;
  readonly bundle: string;
  readonly annotations: Spec["annotations"];
}

/** As JSON. `pid`: of the container's init; 0 when there is none. */
export function containerState(
  { id, bundle, annotations }: StateSubject,
  status: string,
  pid: SlotReference | number,
): Text {
  const head = JSON.stringify({ ociVersion: SPECIFICATION, id, status }).slice(0, -1);
  const tail = JSON.stringify({ bundle, ...(annotations ? { annotations } : {}) }).slice(1);
  return text`${head},"pid":${pid},${tail}`;
}
