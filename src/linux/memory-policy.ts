/** linux.memoryPolicy (config-linux.md, "Memory policy"; set_mempolicy(2)). */
import type { Operation } from "../plan/operations.ts";
import type { Linux } from "../spec/generated/config.ts";
import { numberMask } from "./number-mask.ts";

/** init, for `exec` too, after it has entered its cpuset: the kernel refuses nodes that the cpuset does not have. */
export function planMemoryPolicy({ memoryPolicy }: Pick<Linux, "memoryPolicy">): Operation[] {
  if (memoryPolicy === undefined) return [];
  const { mode, nodes = "", flags = [] } = memoryPolicy;
  return [
    {
      op: "memory_policy",
      from: "/linux/memoryPolicy",
      mode,
      nodes: nodes === "" ? new Uint8Array() : numberMask(nodes),
      flags,
    },
  ];
}
