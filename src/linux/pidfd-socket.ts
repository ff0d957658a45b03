/** --pidfd-socket (CLI.md 3.7): callers that must never mistake one process for another get a pidfd of it. */
import { posix } from "node:path";
import type { Operation } from "../plan/operations.ts";
import type { Context } from "./context.ts";

/** crun's way to ask for it. */
const RECEIVER = "run.oci.pidfd_receiver";

/** host: once the process is set up. */
export function sendPidfd(from: string, path: string, payload: string): Operation[] {
  return [
    { op: "connect", from, into: "pidfd_socket", path },
    { op: "pidfd", from, into: "pidfd" },
    { op: "send_descriptor", from, socket: "pidfd_socket", descriptor: "pidfd", payload },
    { op: "close", from, slot: "pidfd" },
    { op: "close", from, slot: "pidfd_socket" },
  ];
}

/** host: that of init. The payloads are what runc and crun send. */
export function sendPidfdOfInit({ request, spec }: Context): Operation[] {
  const receiver = spec.annotations?.[RECEIVER];
  return [
    ...(request.pidfdSocket === undefined ? [] : sendPidfd("--pidfd-socket", request.pidfdSocket, "standard")),
    ...(receiver === undefined || receiver === ""
      ? []
      : sendPidfd(`/annotations/${RECEIVER}`, posix.resolve(request.bundle, receiver), " ")),
  ];
}
