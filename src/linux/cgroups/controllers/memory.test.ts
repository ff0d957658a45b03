import { test } from "tap";
import { limitsOn, planOn } from "../golden.ts";

const AT = "/linux/resources/memory";

test("v1: the limit, then memory and swap together", async (t) => {
  t.strictSame(limitsOn("hybrid", { memory: { limit: 1000, swap: 2000, reservation: 500, swappiness: 10 } }), [
    "memory/limit: memory.limit_in_bytes = 1000",
    "memory/swap: memory.memsw.limit_in_bytes = 2000",
    "memory/reservation: memory.soft_limit_in_bytes = 500",
    "memory/swappiness: memory.swappiness = 10",
  ]);
  t.strictSame(limitsOn("hybrid", { memory: { disableOOMKiller: true, useHierarchy: true } }), [
    "memory/useHierarchy: memory.use_hierarchy = 1",
    "memory/disableOOMKiller: memory.oom_control = 1",
  ]);
  t.strictSame(limitsOn("hybrid", { memory: { disableOOMKiller: false, checkBeforeUpdate: true, swappiness: 0 } }), [
    "memory/swappiness: memory.swappiness = 0",
  ]);
});

test("v1: in a cgroup that existed, the larger limit goes first", async (t) => {
  const current = (bytes: string) => ({
    "/sys/fs/cgroup/memory/pod/demo/memory.limit_in_bytes": bytes,
    "/sys/fs/cgroup/memory/pod/demo/memory.memsw.limit_in_bytes": bytes,
  });
  const first = (bytes: string, swap: number) =>
    limitsOn("hybrid", { memory: { limit: 1000, swap } }, current(bytes))[0];
  t.equal(first("900\n", 2000), "memory/swap: memory.memsw.limit_in_bytes = 2000");
  t.equal(first("9223372036854771712\n", 2000), "memory/limit: memory.limit_in_bytes = 1000");
  t.equal(first("9223372036854771712\n", -1), "memory/swap: memory.memsw.limit_in_bytes = -1");
});

test("v1: unlimited memory takes swap with it", async (t) => {
  t.strictSame(limitsOn("hybrid", { memory: { limit: -1 } }), [
    "memory/limit: memory.limit_in_bytes = -1",
    "memory/limit: memory.memsw.limit_in_bytes = -1",
  ]);
  t.strictSame(limitsOn("hybrid", { memory: { swap: -1 } }), ["memory/swap: memory.memsw.limit_in_bytes = -1"]);
});

test("v1: kernel memory is limited by old kernels only; TCP buffers by all", async (t) => {
  t.strictSame(limitsOn("v1", { memory: { kernel: 100, kernelTCP: 200 } }), [
    "memory/kernel: memory.kmem.limit_in_bytes = 100",
    "memory/kernelTCP: memory.kmem.tcp.limit_in_bytes = 200",
  ]);
  t.strictSame(limitsOn("hybrid", { memory: { kernel: 100, kernelTCP: -1 } }), [
    "memory/kernel: warning",
    "memory/kernelTCP: memory.kmem.tcp.limit_in_bytes = -1",
  ]);
  t.strictSame(limitsOn("hybrid", { memory: { kernel: -1 } }), [], "nothing was limited");
});

test("v1: a kernel without swap accounting", async (t) => {
  const exists = (path: string) => !path.includes("memsw") && !path.includes("/pod");
  const files = { exists, read: () => undefined, writable: () => true };
  const plan = (memory: { limit: number; swap?: number }) =>
    planOn("hybrid", { files, resources: { memory } }).create.filter(({ from }) => from.startsWith(AT));
  t.throws(() => plan({ limit: 10, swap: 20 }), { code: "host", pointer: `${AT}/swap`, message: /swapaccount=1/ });
  t.equal(plan({ limit: -1 }).length, 1);
  t.equal(plan({ limit: 10, swap: -1 }).length, 1);
});

test("v2: swap alone, before the limit", async (t) => {
  t.strictSame(limitsOn("v2", { memory: { limit: 1000, swap: 3000, reservation: 500 } }), [
    "memory/swap: memory.swap.max = 2000",
    "memory/limit: memory.max = 1000",
    "memory/reservation: memory.low = 500",
  ]);
  t.strictSame(limitsOn("v2", { memory: { limit: 1000, swap: 1000 } }), [
    "memory/swap: memory.swap.max = 0 ?",
    "memory/limit: memory.max = 1000",
  ]);
  t.strictSame(limitsOn("v2", { memory: { limit: 1000, swap: -1 } }), [
    "memory/swap: memory.swap.max = max ?",
    "memory/limit: memory.max = 1000",
  ]);
  t.strictSame(limitsOn("v2", { memory: { limit: -1 } }), [
    "memory/limit: memory.swap.max = max ?",
    "memory/limit: memory.max = max",
  ]);
  t.strictSame(limitsOn("v2", { memory: { limit: -1, swap: 700, reservation: -1 } }), [
    "memory/swap: memory.swap.max = 700",
    "memory/limit: memory.max = max",
    "memory/reservation: memory.low = max",
  ]);
});

test("0 is not set, as for runc and its callers", async (t) => {
  const memory = { limit: 0, swap: 0, reservation: 0, kernel: 0, kernelTCP: 0 };
  for (const name of ["hybrid", "v2"] as const) {
    t.strictSame(limitsOn(name, { memory }), []);
    t.strictSame(limitsOn(name, { memory: { swap: -1, limit: 0 } }).length, 1);
  }
});

test("exact beyond 2^53", async (t) => {
  const exact = (pointer: string) => (pointer === `${AT}/limit` ? 9223372036854771713n : undefined);
  for (const name of ["hybrid", "v2"] as const) {
    const { create } = planOn(name, { exact, resources: { memory: { limit: 2 ** 63 } } });
    t.ok(
      create.some((operation) => operation.op === "write" && operation.data === "9223372036854771713"),
      name,
    );
  }
});

test("contradictions", async (t) => {
  for (const name of ["hybrid", "v2"] as const) {
    t.throws(() => limitsOn(name, { memory: { swap: 10 } }), {
      code: "config",
      pointer: `${AT}/swap`,
      message: "unable to set swap limit without memory limit",
    });
    t.throws(() => limitsOn(name, { memory: { limit: 20, swap: 10 } }), {
      code: "config",
      pointer: `${AT}/swap`,
      message: "memory+swap limit should be >= memory limit",
    });
    t.throws(() => limitsOn(name, { memory: { limit: -2 } }), { code: "config", pointer: `${AT}/limit` });
  }
  t.throws(() => limitsOn("hybrid", { memory: { limit: -1, swap: 10 } }), { code: "config", pointer: `${AT}/swap` });
});

test("v2: what has no counterpart is refused by name", async (t) => {
  const cases = [
    ["kernel", { kernel: 1 }],
    ["kernelTCP", { kernelTCP: 1 }],
    ["swappiness", { swappiness: 0 }],
    ["disableOOMKiller", { disableOOMKiller: true }],
    ["useHierarchy", { useHierarchy: false }],
  ] as const;
  for (const [name, memory] of cases) {
    t.throws(() => limitsOn("v2", { memory }), { code: "host", pointer: `${AT}/${name}`, message: /cgroup v2/ }, name);
  }
  t.strictSame(
    limitsOn("v2", { memory: { kernel: -1, kernelTCP: -1, disableOOMKiller: false, useHierarchy: true } }),
    [],
  );
});
