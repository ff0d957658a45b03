/** linux.timeOffsets and the time namespace (config-linux.md, "Offset for Time Namespace"; time_namespaces(7)). */
import type { Operation } from "../plan/operations.ts";
import type { Context } from "./context.ts";
import { notYet } from "./not-yet.ts";

/** Lines of /proc/PID/timens_offsets: clock, seconds, nanoseconds. */
function offsets({ spec }: Context): string {
  return Object.entries(spec.linux?.timeOffsets ?? {})
    .map(([clock, { secs = 0, nanosecs = 0 }]) => `${clock} ${secs} ${nanosecs}\n`)
    .join("");
}

export function planTime(context: Context): Operation[] {
  if (context.isolation.of("time") !== "new") return [];
  const lines = offsets(context);
  // The file of the offsets belongs to the host's root while init hides from the processes that are there (CVE-2016-9962).
  if (lines !== "" && context.isolation.of("user") === "joined") {
    throw notYet("/linux/timeOffsets", "in a joined user namespace");
  }
  return [
    { op: "unshare", from: "/linux/namespaces", flags: ["CLONE_NEWTIME"] },
    { op: "enter_time", from: "/linux/timeOffsets", offsets: lines },
  ];
}
