/** Capabilities as processes of containers have them. */
import { statusField } from "../harness/host.ts";

/** The shell command that prints them. */
export const STATUS = "cat /proc/self/status";

/** The capabilities of a set, in the text of /proc/PID/status. */
export function capabilities(status: string, set: string): bigint {
  const [, hex = ""] = new RegExp(`^Cap${set}:\\t(.*)$`, "m").exec(status) ?? [];
  return BigInt(`0x${hex}`);
}

/** Up to CAP_AUDIT_READ, the last one that every Docker knows. */
const KNOWN = (1n << 38n) - 1n;

/** What a privileged container gets at least: all that its caller may hand on. */
export const ALL = BigInt(`0x${statusField(process.pid, "CapBnd")}`) & KNOWN;
