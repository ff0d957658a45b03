/** Lists of CPUs and memory nodes. */
import { test } from "tap";
import { finalAffinity, initialAffinity } from "./cpu-affinity.ts";
import { numberMask } from "./number-mask.ts";
import { PROCESS } from "./testing/context.ts";

const LISTS: readonly (readonly [string, readonly number[]])[] = [
  ["0", [1]],
  ["0-3,7", [0x8f]],
  [" 1 , 8,", [0x02, 0x01]],
  ["0-7:1/4", [0x11]],
  ["63", [0, 0, 0, 0, 0, 0, 0, 0x80]],
  ["64", [0, 0, 0, 0, 0, 0, 0, 0, 1]],
  ["", []],
];

test("a list is a mask of whole words", async (t) => {
  for (const [list, bytes] of LISTS) {
    const words = Math.max(1, Math.ceil(bytes.length / 8));
    const mask = [...bytes, ...Array(words * 8 - bytes.length).fill(0)];
    t.same([...numberMask(list)], mask, JSON.stringify(list));
  }
});

test("affinity of exec: the kernel decides where only the first part is asked for", async (t) => {
  const mask = (n: number) => Uint8Array.from([n, 0, 0, 0, 0, 0, 0, 0]);
  const from = "/process/execCPUAffinity";
  const asked = { ...PROCESS, execCPUAffinity: { initial: "1", final: "0-1" } };
  t.same(initialAffinity(asked, "/process"), [
    { op: "cpu_affinity", from: `${from}/initial`, cpus: mask(2), flags: [] },
  ]);
  t.same(finalAffinity(asked, "/process"), [{ op: "cpu_affinity", from: `${from}/final`, cpus: mask(3), flags: [] }]);
  t.same(finalAffinity({ ...PROCESS, execCPUAffinity: { initial: "1" } }, "/process"), []);
  t.same(initialAffinity(PROCESS, "/process"), []);
  t.match(finalAffinity(PROCESS, "/process"), [{ op: "cpu_affinity", from: "cgroup", flags: ["optional"] }]);
});
