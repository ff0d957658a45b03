import t from "tap";
import type { SeccompAction, SeccompArg, SeccompSyscall } from "../../spec/generated/config.ts";
import { compileSeccomp } from "./compile.ts";
import { ALLOW, allow, deny, ENOSYS, EPERM, ERRNO, KILL, verdict } from "./testing/verdict.ts";

const equals = (index: number, value: number): SeccompArg => ({ index, op: "SCMP_CMP_EQ", value });

t.test("every action, as a rule and as the default", async (t) => {
  const words: Record<SeccompAction, number> = {
    SCMP_ACT_KILL: 0,
    SCMP_ACT_KILL_PROCESS: 0x80000000,
    SCMP_ACT_KILL_THREAD: 0,
    SCMP_ACT_TRAP: 0x30000,
    SCMP_ACT_ERRNO: 0x50001,
    SCMP_ACT_TRACE: 0x7ff00001,
    SCMP_ACT_ALLOW: 0x7fff0000,
    SCMP_ACT_LOG: 0x7ffc0000,
    SCMP_ACT_NOTIFY: 0x7fc00000,
  };
  for (const [action, word] of Object.entries(words) as [SeccompAction, number][]) {
    const other = action === "SCMP_ACT_ALLOW" ? "SCMP_ACT_LOG" : "SCMP_ACT_ALLOW";
    t.equal(verdict({ defaultAction: other, syscalls: [{ names: ["read"], action }] }, "read"), word, action);
    t.equal(verdict({ defaultAction: action }, "read"), word, `default ${action}`);
  }
});

t.test("errno", async (t) => {
  const rule = { names: ["read"], action: "SCMP_ACT_ERRNO", errnoRet: 13 } as const;
  t.equal(verdict({ defaultAction: "SCMP_ACT_ALLOW", syscalls: [rule] }, "read"), ERRNO | 13);
  t.equal(verdict({ defaultAction: "SCMP_ACT_TRACE", defaultErrnoRet: 0xffff }, "read"), 0x7ff0ffff);
  const both = {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 38,
    syscalls: [{ names: ["read"], action: "SCMP_ACT_ERRNO" }],
  } as const;
  t.equal(verdict(both, "read"), EPERM, "defaultErrnoRet is for the default action only, as in runc and crun");
  const profile = {
    defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [{ names: ["read"], action: "SCMP_ACT_KILL", errnoRet: 1 }],
  } as const;
  t.throws(() => verdict(profile, "read"), {
    code: "config",
    pointer: "/linux/seccomp/syscalls/0/errnoRet",
    message: "SCMP_ACT_KILL takes no errno",
  });
  t.throws(() => verdict({ defaultAction: "SCMP_ACT_LOG", defaultErrnoRet: 1 }, "read"), {
    code: "config",
    pointer: "/linux/seccomp/defaultErrnoRet",
  });
});

t.test("rules of one system call", async (t) => {
  const unconditional = deny(allow("read", [equals(0, 3)]), { names: ["read"], action: "SCMP_ACT_LOG" }, allow("read"));
  t.equal(verdict(unconditional, "read", { args: [3n] }), 0x7ffc0000, "the first one without conditions decides");
  const any = deny(allow("read", [equals(0, 3)]), allow("read", [equals(1, 4)]));
  t.same(
    [[3n], [0n, 4n], [0n, 0n]].map((args) => verdict(any, "read", { args })),
    [ALLOW, ALLOW, EPERM],
  );
  const all = deny(allow("read", [equals(1, 4), equals(0, 3)]));
  t.same(
    [[3n], [0n, 4n], [3n, 4n]].map((args) => verdict(all, "read", { args })),
    [EPERM, EPERM, ALLOW],
  );
  const repeated = deny(allow("read", [equals(0, 3), equals(0, 5), equals(1, 4)]));
  t.same(
    [[5n], [0n, 4n], [0n]].map((args) => verdict(repeated, "read", { args })),
    [ALLOW, ALLOW, EPERM],
  );
  const redundant = deny({ names: ["read"], action: "SCMP_ACT_ERRNO" }, allow("read"));
  t.equal(verdict(redundant, "read"), ALLOW, "a rule with the default action is none");
});

t.test("overlapping rules with different actions: libseccomp's order", async (t) => {
  const when = (op: SeccompArg["op"], value: number, errnoRet: number, index = 0) =>
    ({ names: ["read"], action: "SCMP_ACT_ERRNO", errnoRet, args: [{ index, op, value }] }) as const;
  const inAnyOrder = (...rules: readonly SeccompSyscall[]) =>
    [rules, rules.toReversed()].map(
      (syscalls) => verdict({ defaultAction: "SCMP_ACT_ALLOW", syscalls }, "read", { args: [5n, 5n] }) & 0xffff,
    );
  t.same(inAnyOrder(when("SCMP_CMP_EQ", 5, 10), when("SCMP_CMP_GE", 1, 11)), [10, 10], "equality before greater");
  t.same(inAnyOrder(when("SCMP_CMP_LT", 9, 10), when("SCMP_CMP_LT", 7, 11)), [11, 11], "the narrower one first");
  t.same(inAnyOrder(when("SCMP_CMP_GT", 1, 10), when("SCMP_CMP_GT", 4, 11)), [11, 11], "the narrower one first");
  t.same(inAnyOrder(when("SCMP_CMP_EQ", 5, 10), when("SCMP_CMP_GT", 4, 11, 1)), [11, 11], "higher arguments first");
  const longer = { ...when("SCMP_CMP_EQ", 5, 11), args: [equals(0, 5), equals(1, 5)] };
  t.same(inAnyOrder(when("SCMP_CMP_EQ", 5, 10), longer), [10, 10], "the beginning of another one first");
});

t.test("rules that contradict each other are refused", async (t) => {
  const profile = deny(allow("read", [equals(0, 3)]), {
    names: ["read"],
    action: "SCMP_ACT_KILL",
    args: [equals(0, 3)],
  });
  t.throws(() => verdict(profile, "read"), {
    code: "config",
    pointer: "/linux/seccomp/syscalls/1",
    message: "another action than /linux/seccomp/syscalls/0 for the same system call and arguments",
  });
});

t.test("a flag about listeners without a listener", async (t) => {
  const flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"] as const;
  const warnings = (defaultAction: SeccompAction) =>
    compileSeccomp({ defaultAction, flags }, { arch: "x64" }).warnings();
  t.same(warnings("SCMP_ACT_NOTIFY"), []);
  t.same(warnings("SCMP_ACT_ALLOW"), [
    {
      about: "flag",
      pointer: "/linux/seccomp/flags/0",
      message: "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV ignored: no rule uses SCMP_ACT_NOTIFY",
    },
  ]);
});

t.test("names that the machine doesn't have", async (t) => {
  const profile = {
    ...deny(allow(["read", "nosuch", "send", "set_tls"])),
    architectures: ["SCMP_ARCH_X86", "SCMP_ARCH_ARM"],
  } as const;
  t.equal(verdict(profile, "read"), ALLOW);
  t.same(compileSeccomp(profile, { arch: "x64" }).warnings(), [
    {
      about: "architecture",
      pointer: "/linux/seccomp/architectures/1",
      message: "SCMP_ARCH_ARM ignored: not of this machine",
    },
    { about: "name", pointer: "/linux/seccomp/syscalls/0/names/1", message: 'no system call "nosuch" on x86_64, x86' },
    { about: "name", pointer: "/linux/seccomp/syscalls/0/names/3", message: 'no system call "set_tls" on x86_64, x86' },
  ]);
  t.throws(() => compileSeccomp(profile, { arch: "vax" }), { code: "host", pointer: "/linux/seccomp" });
});

t.test("system calls newer than the profile", async (t) => {
  const profile = (defaultAction: SeccompAction) => ({
    defaultAction,
    syscalls: [allow(["read", "openat2"]), { names: ["faccessat2"], action: defaultAction }],
  });
  for (const action of ["SCMP_ACT_ERRNO", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP"] as const) {
    const last = verdict(profile(action), "faccessat2");
    t.not(last, ENOSYS, "named, if only by a rule that does nothing");
    t.equal(verdict(profile(action), "statx"), last, "older, and not named");
    t.equal(verdict(profile(action), "process_madvise"), ENOSYS);
    t.equal(verdict(profile(action), 100_000), ENOSYS);
  }
  for (const action of ["SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE"] as const) {
    t.equal(verdict(profile(action), 100_000), verdict(profile(action), "statx"), action);
  }
  t.equal(verdict({ defaultAction: "SCMP_ACT_KILL" }, 100_000), KILL, "a profile that names none");
});

t.test("a filter that is too long", async (t) => {
  const syscalls = Array.from({ length: 3000 }, (_, index) => allow("read", [equals(0, index * 2)]));
  t.throws(() => compileSeccomp(deny(...syscalls), { arch: "x64" }), {
    code: "config",
    pointer: "/linux/seccomp",
    message: "the filter takes more than 4096 instructions, the limit of the kernel",
  });
});
