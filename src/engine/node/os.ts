/** What the planner uses of node:os, on QuickJS. */
import { host } from "../host.ts";

/** uname(2) */
export function release(): string {
  return host.facts().release;
}
