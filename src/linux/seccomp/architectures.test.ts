import t from "tap";
import { ARCHITECTURES, MACHINES, type Machine } from "../../kernel/seccomp.ts";
import type { Seccomp, SeccompArg, SeccompSyscall } from "../../spec/generated/config.ts";
import { ALLOW, allow, deny, ENOSYS, EPERM, ERRNO, KILL, verdict } from "./testing/verdict.ts";

const is = (index: number, value: number): SeccompArg => ({ index, op: "SCMP_CMP_EQ", value });

t.test("each machine, its own calls and those of its 32-bit programs", async (t) => {
  for (const [machine, names] of Object.entries(MACHINES) as [Machine, (typeof MACHINES)[Machine]][]) {
    const native: Seccomp = deny(allow("read"));
    const all: Seccomp = {
      ...native,
      architectures: Object.keys(ARCHITECTURES) as NonNullable<Seccomp["architectures"]>,
    };
    for (const [index, as] of names.entries()) {
      t.equal(verdict(native, "read", { machine, as }), index === 0 ? ALLOW : KILL, `${machine}: ${as} not listed`);
      t.equal(verdict(all, "read", { machine, as }), ALLOW, `${machine}: ${as}`);
      t.equal(verdict(all, "write", { machine, as }), EPERM, `${machine}: ${as}`);
      const { table, base } = ARCHITECTURES[as];
      const enosys = ERRNO | (table.startsWith("mips") ? 89 : table.startsWith("parisc") ? 251 : 38);
      const newer = as === "SCMP_ARCH_X32" ? 548 : 470;
      t.equal(verdict(all, base + newer, { machine, as }), enosys, `${machine}: ${as} newer`);
    }
    const foreign = machine.startsWith("arm") ? "SCMP_ARCH_S390X" : "SCMP_ARCH_AARCH64";
    t.equal(verdict(all, "read", { machine, as: foreign }), KILL, `${machine}: ${foreign}`);
  }
});

t.test("arguments in both byte orders", async (t) => {
  const profile = deny(allow("read", [is(1, 2 ** 32 + 7)]));
  for (const machine of ["x64", "arm64", "s390x", "ppc64", "ppc64le", "mips64"] as const) {
    t.equal(verdict(profile, "read", { machine, args: [0n, 2n ** 32n + 7n] }), ALLOW, machine);
    t.equal(verdict(profile, "read", { machine, args: [0n, 7n] }), EPERM, machine);
    t.equal(verdict(profile, "read", { machine, args: [0n, 7n * 2n ** 32n + 1n] }), EPERM, machine);
  }
});

t.test("x32", async (t) => {
  const without = deny(allow(["read", "ioctl"]));
  t.equal(verdict(without, 0x40000000), KILL);
  t.equal(verdict(without, 0x7fffffff), KILL);
  t.equal(verdict(without, 0xffffffff), ENOSYS, "-1 is no number of x32");
  const profile: Seccomp = { ...without, architectures: ["SCMP_ARCH_X32"] };
  t.equal(verdict(profile, 0x40000000), ALLOW);
  t.equal(verdict(profile, 0x40000000 + 514), ALLOW, "ioctl has another number");
  t.equal(verdict(profile, 0x40000000 + 16), EPERM);
  t.equal(verdict(profile, 16), ALLOW);
  t.equal(verdict(profile, 514), ENOSYS);
});

t.test("socketcall and ipc", async (t) => {
  const profile: Seccomp = { ...deny(allow(["accept4", "accept", "semop"])), architectures: ["SCMP_ARCH_X86"] };
  const x86 = (call: string, ...args: bigint[]) => verdict(profile, call, { as: "SCMP_ARCH_X86", args });
  t.equal(x86("accept4"), ALLOW, "the call of its own");
  t.same(
    [5n, 18n, 1n].map((call) => x86("socketcall", call)),
    [ALLOW, ALLOW, EPERM],
  );
  t.same(
    [1n, 2n].map((call) => x86("ipc", call)),
    [ALLOW, EPERM],
  );

  const conditional: Seccomp = { ...deny(allow("socket", [is(0, 2), is(1, 1)])), architectures: ["SCMP_ARCH_X86"] };
  const ask = (call: string, ...args: bigint[]) => verdict(conditional, call, { as: "SCMP_ARCH_X86", args });
  t.same([ask("socket", 2n, 1n), ask("socket", 3n, 1n), ask("socket", 2n, 9n)], [ALLOW, EPERM, EPERM]);
  t.same([ask("socketcall", 1n, 1n), ask("socketcall", 1n, 9n)], [ALLOW, EPERM], "as libseccomp: not the first one");

  const whole: Seccomp = {
    ...deny(allow("socketcall"), { names: ["socket"], action: "SCMP_ACT_KILL" }),
    architectures: ["SCMP_ARCH_X86"],
  };
  t.equal(verdict(whole, "socketcall", { as: "SCMP_ARCH_X86", args: [1n] }), ALLOW, "a rule without conditions");
  t.equal(verdict(profile, "accept", { machine: "arm64" }), ALLOW, "a machine without multiplexers");
});

t.test("s390 shows unknown calls as number 0", async (t) => {
  for (const machine of ["s390", "s390x"] as const) {
    t.equal(verdict(deny(allow("read")), 0, { machine }), ENOSYS, machine);
    t.equal(verdict({ defaultAction: "SCMP_ACT_LOG", syscalls: [allow("read")] }, 0, { machine }), 0x7ffc0000, machine);
    t.equal(verdict({ defaultAction: "SCMP_ACT_KILL" }, 0, { machine }), KILL, "a profile that names none");
  }
});

t.test("ARM's private calls are not newer than any", async (t) => {
  const profile = deny(allow(["read", "set_tls"]));
  const arm = (call: string | number) => verdict(profile, call, { machine: "arm" });
  t.same([arm("set_tls"), arm("cacheflush"), arm("get_tls"), arm(0xf0100)], [ALLOW, EPERM, EPERM, EPERM]);
  t.same([arm(470), arm(0xeffff)], [ENOSYS, ENOSYS]);
});

t.test("two names for one number", async (t) => {
  const word = (...syscalls: readonly SeccompSyscall[]) => verdict(deny(...syscalls), 341, { machine: "arm" });
  t.equal(word(allow("sync_file_range2")), ALLOW);
  t.equal(word(allow("arm_sync_file_range")), ALLOW);
  t.equal(word(allow("sync_file_range2", [is(0, 5)]), allow("arm_sync_file_range", [is(0, 0)])), ALLOW);
  t.equal(word(allow("tee")), EPERM);
});
