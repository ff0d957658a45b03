/** What the planner uses of node:os, on QuickJS. */
import { host } from "../host.ts";

/** uname(2) */
export function release(): string {
  return host.facts().release;
}

/** The order of bytes of this machine. */
export function endianness(): "BE" | "LE" {
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? "LE" : "BE";
}
