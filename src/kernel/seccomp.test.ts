import t from "tap";
import { ACTIONS, ARCHITECTURES, enosys, MACHINES } from "./seccomp.ts";

t.test("the token of an architecture says what its row says", async (t) => {
  for (const [name, { audit, bits, littleEndian }] of Object.entries(ARCHITECTURES)) {
    t.equal((audit & 0x40000000) !== 0, littleEndian, `${name} byte order`);
    // x32 and N32 have 32-bit arguments on a 64-bit machine.
    if (!/X32|N32/.test(name)) t.equal((audit & 0x80000000) !== 0, bits === 64, `${name} width`);
  }
});

t.test("a machine's architectures have its byte order, and different tokens but for x32", async (t) => {
  for (const [machine, names] of Object.entries(MACHINES)) {
    const rows = names.map((name) => ARCHITECTURES[name]);
    t.equal(new Set(rows.map(({ littleEndian }) => littleEndian)).size, 1, machine);
    const shared = rows.length - new Set(rows.map(({ audit }) => audit)).size;
    t.equal(shared, machine === "x64" ? 1 : 0, machine);
  }
  t.same(new Set(Object.values(MACHINES).flat()), new Set(Object.keys(ARCHITECTURES)));
});

t.test("actions keep their order of precedence in the kernel, as signed numbers", async (t) => {
  const strict = ["KILL_PROCESS", "KILL_THREAD", "TRAP", "ERRNO", "NOTIFY", "TRACE", "LOG", "ALLOW"] as const;
  const values = strict.map((name) => ACTIONS[`SCMP_ACT_${name}`].value | 0);
  t.same(
    values,
    [...values].sort((a, b) => a - b),
  );
});

t.test("ENOSYS", async (t) => {
  t.same([enosys("x86_64"), enosys("mips64"), enosys("parisc")], [38, 89, 251]);
});
