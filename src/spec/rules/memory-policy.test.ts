import t from "tap";
import { testRules } from "./rule-cases.ts";

const policy = (mode: string, more: object = {}) => ({ linux: { memoryPolicy: { mode, ...more } } });

testRules(t, {
  "memory-policy": [
    [policy("MPOL_DEFAULT")],
    [policy("MPOL_PREFERRED")],
    [policy("MPOL_PREFERRED", { nodes: "1" })],
    [policy("MPOL_BIND", { nodes: "0-1", flags: ["MPOL_F_STATIC_NODES", "MPOL_F_NUMA_BALANCING"] })],
    [policy("MPOL_BIND"), "/linux/memoryPolicy/nodes: is required with MPOL_BIND"],
    [policy("MPOL_LOCAL", { nodes: "0" }), "/linux/memoryPolicy/nodes: must not be set with MPOL_LOCAL"],
    [policy("MPOL_BIND", { nodes: "2-0" }), "/linux/memoryPolicy/nodes: the range 2-0 runs backwards"],
    [
      policy("MPOL_INTERLEAVE", { nodes: "0", flags: ["MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"] }),
      "/linux/memoryPolicy/flags: must not have both MPOL_F_RELATIVE_NODES and MPOL_F_STATIC_NODES",
    ],
  ],
});
