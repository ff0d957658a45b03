/** linux.seccomp, by what system calls answer. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import {
  baseConfig,
  type Config,
  e2e,
  type Json,
  program,
  refused,
  script,
  statusField,
  succeeded,
} from "../harness.ts";

function profile(defaultAction: string, syscalls: Json, more: Config = {}): Config {
  return { linux: { seccomp: { defaultAction, syscalls, ...more } } };
}

const deny = (names: string[], more: Config = {}) => ({ names, action: "SCMP_ACT_ERRNO", ...more });

e2e("a denied system call gets EPERM, or the errno asked for", async (t, box) => {
  const run = async (text: string, change: Config) => (await box.container(script(text, change)).run()).stderr;
  t.match(await run("mkdir /x", profile("SCMP_ACT_ALLOW", [deny(["mkdir", "mkdirat"])])), /Operation not permitted/);
  t.match(
    await run("mkdir /x", profile("SCMP_ACT_ALLOW", [deny(["mkdir", "mkdirat"], { errnoRet: 28 })])),
    /No space left on device/,
  );
});

e2e("kill", async (t, box) => {
  for (const action of ["SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD"]) {
    const c = box.container(
      script("mkdir /x; echo $?", profile("SCMP_ACT_ALLOW", [{ names: ["mkdir", "mkdirat"], action }])),
    );
    const { stdout } = await c.run();
    t.equal(stdout, "159\n", `${action}: 128 + SIGSYS`);
  }
});

e2e("arguments", async (t, box) => {
  const args = [{ index: 0, value: 42, op: "SCMP_CMP_EQ" }];
  const only = profile("SCMP_ACT_ALLOW", [deny(["umask"], { args, errnoRet: 1 })]);
  // The shell prints what umask(2) answers: -1 for the denied one.
  t.equal((await box.container(script("umask 052; umask 027; umask; umask 0; umask 052; umask", only)).run()).code, 0);
});

e2e("a list of allowed calls as engines have it, with and without noNewPrivileges", async (t, box) => {
  const names = [
    "access",
    "arch_prctl",
    "brk",
    "capget",
    "capset",
    "chdir",
    "clone",
    "close",
    "dup",
    "dup2",
    "dup3",
    "execve",
    "exit",
    "exit_group",
    "fcntl",
    "fstat",
    "fstatfs",
    "futex",
    "getcwd",
    "getdents64",
    "geteuid",
    "getegid",
    "getgid",
    "getpgrp",
    "getpid",
    "getppid",
    "getrandom",
    "getuid",
    "ioctl",
    "lseek",
    "mmap",
    "mprotect",
    "munmap",
    "newfstatat",
    "open",
    "openat",
    "pipe",
    "pipe2",
    "poll",
    "prctl",
    "prlimit64",
    "pread64",
    "read",
    "readlink",
    "readlinkat",
    "recvmsg",
    "rseq",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sendmsg",
    "set_robust_list",
    "set_tid_address",
    "setgid",
    "setgroups",
    "setresgid",
    "setresuid",
    "setuid",
    "sigaltstack",
    "stat",
    "uname",
    "vfork",
    "wait4",
    "write",
    "writev",
    "fchown",
    "umask",
    "execveat",
    "statx",
    "close_range",
    "rt_sigtimedwait",
    "fchdir",
    "faccessat2",
    "faccessat",
    "lstat",
    "setrlimit",
    "getrlimit",
  ];
  for (const noNewPrivileges of [true, false]) {
    const change = profile("SCMP_ACT_ERRNO", [{ names, action: "SCMP_ACT_ALLOW" }], {
      architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
    });
    const c = box.container(script("echo hello; mkdir /x", { ...change, process: { noNewPrivileges } }));
    const { stdout, stderr } = await c.run();
    t.equal(stdout, "hello\n", stderr);
    t.match(stderr, /Operation not permitted/);
  }
});

e2e("a filter need not allow what init does to get ready, with and without noNewPrivileges", async (t, box) => {
  const own = "access faccessat faccessat2 chdir getcwd accept4 setgroups setresgid setresuid prlimit64 pread64 vfork";
  const denied = profile("SCMP_ACT_ALLOW", [deny(own.split(" "))]);
  const rlimits = [{ type: "RLIMIT_NOFILE", soft: 64, hard: 64 }];
  // A program that needs none of them, found in $PATH, in a directory of its own; as a user other than root.
  for (const noNewPrivileges of [true, false]) {
    const process = { args: ["sleep", "1000"], cwd: "/tmp", noNewPrivileges, rlimits, user: { uid: 1000, gid: 1000 } };
    const hooks = { startContainer: [{ path: "/bin/sh", args: ["sh", "-c", "cd / && /bin/true"] }] };
    const c = box.container(baseConfig(denied, { process, hooks }));
    succeeded(t, await c.create(), `create, noNewPrivileges: ${noNewPrivileges}`);
    succeeded(t, await c.start(), "start");
    const pid = await c.pid();
    t.equal(statusField(pid, "Seccomp"), "2");
    for (const set of ["CapPrm", "CapEff", "CapInh", "CapAmb"]) t.equal(statusField(pid, set), "0000000000000000", set);
    succeeded(t, await c.exec(["true"]), "exec");
    succeeded(t, await c.delete(["--force"]), "delete");
  }
});

e2e("exec gets the filter, too", async (t, box) => {
  const c = box.container(script("sleep 1000", profile("SCMP_ACT_ALLOW", [deny(["mkdir", "mkdirat"])])));
  succeeded(t, await c.run(["-d"]), "run");
  t.match((await c.exec(["mkdir", "/x"])).stderr, /Operation not permitted/);
});

e2e("profiles that are wrong name the entry", async (t, box) => {
  const bad = async (change: Config, message: RegExp) =>
    refused(t, await box.container(baseConfig(change)).create(), message, String(message));
  await bad(profile("SCMP_ACT_NOPE", []), /^create failed: \/linux\/seccomp\/defaultAction: /);
  await bad(
    profile("SCMP_ACT_ALLOW", [{ names: ["mkdir"], action: "SCMP_ACT_FOO" }]),
    /^create failed: \/linux\/seccomp\/syscalls\/0\/action: /,
  );
  await bad(
    profile("SCMP_ACT_ALLOW", [{ names: [], action: "SCMP_ACT_ERRNO" }]),
    /^create failed: \/linux\/seccomp\/syscalls\/0\/names: /,
  );
  await bad(
    profile("SCMP_ACT_ALLOW", [], { architectures: ["SCMP_ARCH_PDP11"] }),
    /^create failed: \/linux\/seccomp\/architectures\/0: /,
  );
  await bad(
    profile("SCMP_ACT_ALLOW", [{ names: ["read"], action: "SCMP_ACT_NOTIFY" }]),
    /^create failed: \/linux\/seccomp\/listenerPath: is required with SCMP_ACT_NOTIFY/,
  );
});

e2e(
  "the other ways into an x86_64 kernel are closed, or filtered where they are listed",
  async (t, box) => {
    const abis = await program("abis");
    const run = async (way: string, architectures: string[]) => {
      const change = profile("SCMP_ACT_ALLOW", [deny(["mkdir"], { errnoRet: 28 })], { architectures });
      const c = box.container(script(`/abis ${way}`, change));
      copyFileSync(abis, join(c.rootfs, "abis"));
      const { code, stdout } = await c.run();
      return code === 0 ? stdout : code;
    };
    const [native, i386, x32] = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"] as const;
    t.equal(await run("native", [native]), "28\n");
    t.equal(await run("i386", [native]), 159, "128 + SIGSYS");
    t.equal(await run("x32", [native]), 159, "128 + SIGSYS");
    t.equal(await run("i386", [native, i386, x32]), "28\n");
    t.equal(await run("x32", [native, i386, x32]), "28\n", "also where the kernel has no x32");
  },
  { skip: process.arch === "x64" ? false : "needs an x86_64 kernel" },
);
