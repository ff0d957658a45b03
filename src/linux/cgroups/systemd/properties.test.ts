import { test } from "tap";
import type { Operation } from "../../../plan/operations.ts";
import { deviceProperties } from "./devices.ts";
import { annotatedProperties, limitProperties, type Properties } from "./properties.ts";

const INFINITY = "18446744073709551615";

const shown = (properties: Properties) =>
  [...properties].map(([name, { signature, words }]) => [name, signature, ...words].join(" "));

function told(file: string, data: string): string[] {
  const write: Operation = { op: "write", from: "", path: `/cg/${file}`, data, mode: 0, flags: [] };
  return shown(limitProperties([write]));
}

test("what is written to a file of the cgroup, in systemd's terms", async (t) => {
  for (const [file, data, ...properties] of [
    ["memory.max", "1048576", "MemoryMax t 1048576"],
    ["memory.max", "max", `MemoryMax t ${INFINITY}`],
    ["memory.swap.max", "0", "MemorySwapMax t 0"],
    ["pids.max", "0", "TasksMax t 1"],
    ["cpu.weight", "59", "CPUWeight t 59"],
    ["cpu.idle", "1", "CPUWeight t 0"],
    ["cpu.idle", "0"],
    ["cpu.max", "50000 100000", "CPUQuotaPerSecUSec t 500000", "CPUQuotaPeriodUSec t 100000"],
    ["cpu.max", "12345 100000", "CPUQuotaPerSecUSec t 130000", "CPUQuotaPeriodUSec t 100000"],
    ["cpu.max", "max 50000", `CPUQuotaPerSecUSec t ${INFINITY}`, "CPUQuotaPeriodUSec t 50000"],
    ["cpu.max", "5000", "CPUQuotaPerSecUSec t 50000", "CPUQuotaPeriodUSec t 100000"],
    ["cpu.max", "5 0"],
    ["cpuset.cpus", "0-2,9", "AllowedCPUs ay 2 7 2"],
    ["cpuset.mems", "0", "AllowedMemoryNodes ay 1 1"],
    ["cpuset.cpus", "\n", "AllowedCPUs ay 0"],
    ["memory.max", "1G"],
    ["hugetlb.2MB.max", "5"],
    ["io.max", "8:0 rbps=1"],
  ] as const)
    t.strictSame(told(file, data), properties, `${file} = ${data}`);
});

test("annotations", async (t) => {
  const property = (name: string, value: string) =>
    shown(annotatedProperties({ [`org.systemd.property.${name}`]: value, other: "x" }));
  t.strictSame(property("CollectMode", "'inactive'"), ["CollectMode s inactive"]);
  t.strictSame(property("TimeoutStopUSec", "uint64 5"), ["TimeoutStopUSec t 5"]);
  t.strictSame(property("TimeoutStopSec", "1.5"), ["TimeoutStopUSec t 1500000"]);
  const at = (name: string) => `/annotations/org.systemd.property.${name}`;
  for (const name of ["", "ab", "A-b-c"]) t.throws(() => property(name, "true"), { code: "config", pointer: at(name) });
  for (const value of ["'x'", "-1", "true"])
    t.throws(() => property("StopSec", value), { code: "config", pointer: at("StopSec") });
  t.throws(() => property("Description", "x"), { code: "config", pointer: at("Description"), message: /parse error/ });
});

test("devices: a list of what is allowed; nothing where systemd has no words for the rules", async (t) => {
  const [policy, list] = shown(deviceProperties(undefined));
  t.equal(policy, "DevicePolicy s strict");
  t.match(list, /^DeviceAllow a\(ss\) 11 char-\* m block-\* m \/dev\/char\/1:3 rwm .*char-136 rwm/);
  const rule = { allow: true, type: "b", major: 8, minor: 1, access: "r" } as const;
  t.match(shown(deviceProperties([rule]))[1], /^DeviceAllow a\(ss\) 12 \/dev\/block\/8:1 r /);
  t.strictSame(shown(deviceProperties([{ allow: true }])), []);
  t.strictSame(shown(deviceProperties([{ ...rule, allow: false }])), []);
  t.strictSame(shown(deviceProperties([{ ...rule, major: -1 }])), []);
});
