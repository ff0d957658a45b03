/** Rules about `linux.memoryPolicy` (config-linux.md, Memory policy). */
import type { MemoryPolicy, MemoryPolicyMode } from "../generated/config.ts";
import type { Rule } from "../rule.ts";
import { listProblem } from "./number-list.ts";

/** Whether a mode takes `nodes` (set_mempolicy(2)); MPOL_PREFERRED does either. */
const NEEDS_NODES: Readonly<Partial<Record<MemoryPolicyMode, boolean>>> = {
  MPOL_DEFAULT: false,
  MPOL_LOCAL: false,
  MPOL_BIND: true,
  MPOL_INTERLEAVE: true,
  MPOL_WEIGHTED_INTERLEAVE: true,
  MPOL_PREFERRED_MANY: true,
};

export const memoryPolicyRules: readonly Rule<MemoryPolicy>[] = [
  {
    name: "memory-policy",
    section: "config-linux.md, Memory policy; set_mempolicy(2)",
    reads: [""],
    check({ mode, nodes, flags }, report) {
      const needed = NEEDS_NODES[mode];
      if (needed === true && nodes === undefined) report("/nodes", `is required with ${mode}`);
      if (needed === false && nodes !== undefined) report("/nodes", `must not be set with ${mode}`);
      const problem = listProblem(nodes);
      if (problem !== undefined) report("/nodes", problem);
      if (flags?.includes("MPOL_F_RELATIVE_NODES") && flags.includes("MPOL_F_STATIC_NODES")) {
        report("/flags", "must not have both MPOL_F_RELATIVE_NODES and MPOL_F_STATIC_NODES");
      }
    },
  },
];
