/**
 * NOTIFY_SOCKET (sd_notify(3); CLI.md 3.9): the service manager's socket is not the container's to reach. The container
 * gets one in the state directory instead, and the runtime passes on that it is ready.
 */
import { posix } from "node:path";
import type { Operation } from "../plan/operations.ts";
import type { Context } from "./context.ts";
import { hostOpensSources } from "./mount-sources.ts";

const from = "NOTIFY_SOCKET";
const NAME = "notify.sock";
/** In the container. */
const TARGET = "/run/notify";

/** What the program finds as NOTIFY_SOCKET. */
export const NOTIFY_SOCKET = `${TARGET}/${NAME}`;

/** host: the directory that the container sees. */
export function makeNotifyDirectory({ request, files }: Context): Operation[] {
  return request.notify ? [{ op: "mkdir", from, path: files.notify, mode: 0o755, flags: [] }] : [];
}

/** host: the container's root may not reach the state directory. */
export function handOverNotifyDirectory(context: Context): Operation[] {
  if (!context.request.notify || !hostOpensSources(context)) return [];
  return [
    { op: "tree", from, path: context.files.notify, flags: [] },
    { op: "attributes", from, set: [], clear: [], propagation: ["MS_PRIVATE"], flags: [] },
    { op: "give", from, slot: "tree" },
    { op: "close", from, slot: "tree" },
  ];
}

/** init: after all other mounts, one of which is often on /run. */
export function mountNotifyDirectory(context: Context): Operation[] {
  if (!context.request.notify) return [];
  return [
    hostOpensSources(context)
      ? { op: "take", from, slot: "tree" }
      : { op: "tree", from, path: context.files.notify, flags: [] },
    {
      op: "attributes",
      from,
      set: ["MOUNT_ATTR_RDONLY", "MOUNT_ATTR_NOSUID", "MOUNT_ATTR_NODEV", "MOUNT_ATTR_NOEXEC"],
      clear: [],
      propagation: ["MS_PRIVATE"],
      flags: [],
    },
    { op: "attach", from, target: TARGET, flags: [] },
  ];
}

/** host (`run`) or start: before the program is executed. */
export function listenForReady({ request, files }: Context): Operation[] {
  if (!request.notify) return [];
  const path = posix.join(files.notify, NAME);
  return [{ op: "listen", from, into: "notify", path, mode: 0o777, type: "SOCK_DGRAM" }];
}

/** host (`run --detach`) or start: the manager takes the end of the command for the end of the start. */
export function waitUntilReady({ request }: Context): Operation[] {
  return request.notify ? [{ op: "await_ready", from }] : [];
}
