/** hostname and domainname (config.md). */
import type { Operation } from "../plan/operations.ts";
import type { Context } from "./context.ts";

export function planUts({ spec }: Context): Operation[] {
  const operations: Operation[] = [];
  if (spec.hostname !== undefined) operations.push({ op: "hostname", from: "/hostname", name: spec.hostname });
  if (spec.domainname !== undefined) operations.push({ op: "domainname", from: "/domainname", name: spec.domainname });
  return operations;
}
