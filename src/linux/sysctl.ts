/** linux.sysctl (config-linux.md, "Sysctl"; sysctl(8)). */
import { pointer } from "../base/pointer.ts";
import type { Operation } from "../plan/operations.ts";
import type { Context } from "./context.ts";

/**
 * The file below /proc/sys. Either separator may be used; the first one that stands in the key is the separator, and
 * the other one belongs to a name: net.ipv4.conf.eth0/1.forwarding is about the interface eth0.1.
 */
export function sysctlPath(key: string): string {
  const separator = /[./]/.exec(key)?.[0];
  if (separator !== ".") return key;
  return key.replace(/[./]/g, (character) => (character === "." ? "/" : "."));
}

export function planSysctl({ spec }: Context): Operation[] {
  return Object.entries(spec.linux?.sysctl ?? {}).map(([key, data]) => ({
    op: "write_proc",
    from: pointer("/linux/sysctl", key),
    path: `sys/${sysctlPath(key)}`,
    data,
  }));
}
