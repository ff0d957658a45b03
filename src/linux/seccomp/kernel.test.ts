/** The kernel takes the filters, and they do what they say. */
import { spawnSync } from "node:child_process";
import { endianness } from "node:os";
import { fileURLToPath } from "node:url";
import t from "tap";
import { ARCHITECTURES, MACHINES, type Machine } from "../../kernel/seccomp.ts";
import { syscallNumbers } from "../../kernel/syscalls.ts";
import type { Seccomp, SeccompArg } from "../../spec/generated/config.ts";
import { compileSeccomp } from "./compile.ts";
import { typicalProfile } from "./testing/typical.ts";

const LOADER = fileURLToPath(new URL("./testing/load.py", import.meta.url));
const isMachine = (arch: string): arch is Machine => Object.hasOwn(MACHINES, arch) && endianness() === "LE";
const machine = isMachine(process.arch) ? process.arch : undefined;
const python = spawnSync("python3", ["-c", "import ctypes"]).status === 0;
const skip = !python ? "needs python3, which is not installed" : machine ? false : `knows no ${process.arch}`;

/** The errno of each call under this profile, or what the loader said. */
function run(profile: Seccomp, ...calls: readonly (readonly [string | number, ...(number | bigint)[]])[]) {
  const { table } = ARCHITECTURES[MACHINES[machine ?? "x64"][0]];
  const words = calls.map(([call, ...args]) => {
    const number = typeof call === "number" ? call : syscallNumbers(table).get(call);
    return `${number}:${args.join(",")}`;
  });
  const { filter } = compileSeccomp(profile, { arch: machine ?? "x64" });
  const { stdout, stderr, signal } = spawnSync("python3", [LOADER, ...words], { input: filter, encoding: "utf8" });
  return signal ?? (stderr || stdout.trim().split("\n").map(Number));
}

const [NONE, EPERM, ENOSYS] = [0, 1, 38];

t.test("a typical profile", { skip }, async (t) => {
  const errnos = run(
    typicalProfile(),
    ["getpid"],
    ["personality", 0xffffffff],
    ["personality", 1],
    ["personality", 0x1_0000_0000],
    ["setns", -1, 0],
    ["clone3", 0, 0],
    [1000],
    ["socket", 40, 1, 0],
  );
  t.same(errnos, [NONE, NONE, EPERM, EPERM, EPERM, ENOSYS, ENOSYS, EPERM]);
});

t.test("64-bit comparisons", { skip }, async (t) => {
  const args: SeccompArg[] = [{ index: 1, op: "SCMP_CMP_GE", value: 2 ** 32 + 5 }];
  const rule = { names: ["getpid"], action: "SCMP_ACT_ERRNO", errnoRet: 99, args } as const;
  const calls = [4, 5, 6].map((low) => ["getpid", 0, 2 ** 32 + low] as const);
  const profile: Seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls: [rule] };
  t.same(run(profile, ...calls, ["getpid", 0, 0xffffffff], ["getpid", 0, -1]), [NONE, 99, 99, NONE, 99]);
});

t.test("the longest filter, and killing", { skip }, async (t) => {
  const rule = (value: number) =>
    ({ names: ["getpid"], action: "SCMP_ACT_ERRNO", args: [{ index: 0, op: "SCMP_CMP_EQ", value }] }) as const;
  const syscalls = Array.from({ length: 1015 }, (_, index) => rule(index * 2));
  const profile: Seccomp = { defaultAction: "SCMP_ACT_ALLOW", syscalls };
  t.ok(compileSeccomp(profile, { arch: machine ?? "x64" }).filter.length / 8 > 4000);
  t.same(run(profile, ["getpid", 2028], ["getpid", 2029]), [EPERM, NONE]);
  const kill: Seccomp = {
    defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [{ names: ["acct"], action: "SCMP_ACT_KILL_PROCESS" }],
  };
  t.equal(run(kill, ["acct", 0]), "SIGSYS");
});
