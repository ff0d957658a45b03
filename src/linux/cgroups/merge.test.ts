import { test } from "tap";
import type { Resources } from "../../spec/generated/config.ts";
import { exactTree, mergeResources, type Tree } from "./merge.ts";

/** Before; change; after. */
const CASES: readonly (readonly [string, Resources, Resources, Resources])[] = [
  ["what is not named stays", { pids: { limit: 1 } }, { cpu: { quota: 5 } }, { pids: { limit: 1 }, cpu: { quota: 5 } }],
  [
    "values of one part",
    { cpu: { quota: 5, period: 10, cpus: "0" } },
    { cpu: { quota: 6, cpus: "1" } },
    { cpu: { quota: 6, period: 10, cpus: "1" } },
  ],
  [
    "0 is not set where it can't be a limit",
    { memory: { limit: 5 } },
    { memory: { limit: 0 } },
    { memory: { limit: 5 } },
  ],
  ["0 is a limit of pids", { pids: { limit: 5 } }, { pids: { limit: 0 } }, { pids: { limit: 0 } }],
  [
    "unlimited memory takes swap with it",
    { memory: { swap: 5 } },
    { memory: { limit: -1 } },
    { memory: { limit: -1 } },
  ],
  [
    "but not a limit of swap that is named",
    { memory: { limit: 5, swap: 6 } },
    { memory: { limit: -1, swap: 7 } },
    { memory: { limit: -1, swap: 7 } },
  ],
  ["an idle group forgets its shares", { cpu: { shares: 5 } }, { cpu: { idle: 1 } }, { cpu: { idle: 1 } }],
  ["one that is not idle keeps them", { cpu: { shares: 5 } }, { cpu: { idle: 0 } }, { cpu: { shares: 5, idle: 0 } }],
  [
    "entries of lists, by device",
    {
      blockIO: {
        throttleReadBpsDevice: [
          { major: 8, minor: 0, rate: 1 },
          { major: 8, minor: 1, rate: 2 },
        ],
      },
    },
    {
      blockIO: {
        throttleReadBpsDevice: [
          { major: 8, minor: 1, rate: 3 },
          { major: 9, minor: 1, rate: 4 },
        ],
      },
    },
    {
      blockIO: {
        throttleReadBpsDevice: [
          { major: 8, minor: 0, rate: 1 },
          { major: 8, minor: 1, rate: 3 },
          { major: 9, minor: 1, rate: 4 },
        ],
      },
    },
  ],
  [
    "entries of lists, by page size and by name",
    { hugepageLimits: [{ pageSize: "2MB", limit: 1 }], network: { priorities: [{ name: "eth0", priority: 1 }] } },
    { hugepageLimits: [{ pageSize: "2MB", limit: 0 }], network: { priorities: [{ name: "eth1", priority: 2 }] } },
    {
      hugepageLimits: [{ pageSize: "2MB", limit: 0 }],
      network: {
        priorities: [
          { name: "eth0", priority: 1 },
          { name: "eth1", priority: 2 },
        ],
      },
    },
  ],
  [
    "maps",
    { rdma: { a: { hcaHandles: 1 } }, unified: { "memory.high": "1" } },
    { rdma: { a: { hcaObjects: 2 } }, unified: { "memory.low": "2" } },
    { rdma: { a: { hcaHandles: 1, hcaObjects: 2 } }, unified: { "memory.high": "1", "memory.low": "2" } },
  ],
  [
    "rules on devices are not touched",
    { devices: [{ allow: false }] },
    { devices: [{ allow: true }], pids: { limit: 1 } },
    { devices: [{ allow: false }], pids: { limit: 1 } },
  ],
];

test("merging limits", async (t) => {
  for (const [what, before, change, after] of CASES) {
    const merged = mergeResources(before as Tree, change as Tree);
    t.strictSame(JSON.parse(JSON.stringify(merged)), after, what);
  }
});

test("exact integers", async (t) => {
  const exact = (at: string) => (at === "/memory/limit" ? 9223372036854775807n : undefined);
  t.strictSame(exactTree({ memory: { limit: 2 ** 63, swap: -1 }, a: [null, "x"] }, exact), {
    memory: { limit: 9223372036854775807n, swap: -1 },
    a: [null, "x"],
  });
});
