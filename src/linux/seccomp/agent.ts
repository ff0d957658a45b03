/**
 * The seccomp agent (config-linux.md, "The Container Process State"): who answers for SCMP_ACT_NOTIFY. Whoever starts the
 * program, the runtime or `tsoci start`, takes the filter's listener from init, connects and sends it: no socket of
 * the host is ever in the container's hands, and no connection waits for a container that is not started.
 */
import { posix } from "node:path";
import { SPECIFICATION } from "../../base/specification.ts";
import { slot, type Text, text } from "../../plan/arguments.ts";
import type { Operation } from "../../plan/operations.ts";
import { containerState, type StateSubject } from "../container-state.ts";
import type { Context } from "../context.ts";
import { SECCOMP } from "./profile.ts";
import { agentOf, type SeccompSource, sourceOf } from "./source.ts";

/** host (`run`, `exec`) or start, before the program is executed. `pid`: of the container's init, where the process is another. */
export function sendToAgent(
  source: SeccompSource,
  subject: StateSubject,
  { status, pid }: { readonly status: string; readonly pid?: number },
): Operation[] {
  const agent = agentOf(source);
  if (agent === undefined) return [];
  const { from, path } = agent;
  return [
    { op: "take", from: SECCOMP, slot: "seccomp_listener" },
    { op: "connect", from, into: "agent_socket", path: posix.resolve(subject.bundle, path) },
    {
      op: "send_descriptor",
      from,
      socket: "agent_socket",
      descriptor: "seccomp_listener",
      payload: processState(source, containerState(subject, status, pid ?? slot("pid"))),
    },
    { op: "close", from, slot: "agent_socket" },
    { op: "close", from, slot: "seccomp_listener" },
  ];
}

/** The same for the container's init, which is about to execute its program. */
export function sendInit({ spec, request }: Context): Operation[] {
  return sendToAgent(sourceOf(spec), { ...request, annotations: spec.annotations }, { status: "created" });
}

function processState({ seccomp }: SeccompSource, state: Text): Text {
  const metadata = seccomp?.listenerMetadata;
  const head = JSON.stringify({ ociVersion: SPECIFICATION, fds: ["seccompFd"] }).slice(0, -1);
  const more = metadata === undefined ? "" : `"metadata":${JSON.stringify(metadata)},`;
  return text`${head},"pid":${slot("pid")},${more}"state":${state}}`;
}
