/** What takes a limit back: the file as it was, written in the way that its kind takes. */
import type { CgroupFiles } from "../../facts/facts.ts";
import type { Operation } from "../../plan/operations.ts";

/** Files of one line for each device: without a line there is no limit, which is written so. */
const NO_LIMIT: readonly (readonly [name: RegExp, value: string])[] = [
  [/^blkio\.throttle\./, "0"],
  [/^io\.max$/, "rbps=max wbps=max riops=max wiops=max"],
];

/** Words before the value where a file tells more than it takes: memory.oom_control, io.weight. */
const LABEL = /^(?:oom_kill_disable|default) /;

/** The operation of `undo` for one that writes a limit; none for a file that can't be read. */
export function restore(operation: Operation, files: CgroupFiles): Operation[] {
  if (operation.op !== "write" || typeof operation.path !== "string" || typeof operation.data !== "string") return [];
  const text = files.read(operation.path);
  if (text === undefined) return [];
  const data = before(operation.path, operation.data, text);
  return data === undefined ? [] : [{ ...operation, data, flags: ["optional"] }];
}

function before(path: string, written: string, text: string): string | undefined {
  const lines = text.split("\n");
  // "8:0 1048576", "eth0 5": the entry of one device.
  const device = /^(\S+) /.exec(written)?.[1];
  if (device === undefined || path.endsWith("/cpu.max")) {
    // write(2) of no bytes does nothing.
    return lines[0]?.replace(LABEL, "") || "\n";
  }
  const line = lines.find((each) => each.startsWith(`${device} `));
  if (line !== undefined) return line;
  const name = path.slice(path.lastIndexOf("/") + 1);
  const none = NO_LIMIT.find(([pattern]) => pattern.test(name))?.[1];
  return none === undefined ? undefined : `${device} ${none}`;
}
