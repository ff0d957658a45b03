import t from "tap";
import { MULTIPLEXED } from "./syscalls/multiplexed.ts";
import { PRIVATE_SYSCALLS, SYSCALL_TABLES, type SyscallTable, syscallNumbers, visitRuns } from "./syscalls.ts";

t.test("numbers that everybody knows", async (t) => {
  const known: Record<SyscallTable, Record<string, number>> = {
    x86: { read: 3, socketcall: 102, socket: 359, clock_gettime64: 403, openat2: 437, arch_prctl: 384 },
    x86_64: { read: 0, write: 1, seccomp: 317, uretprobe: 335, pidfd_send_signal: 424, mseal: 462 },
    x32: { read: 0, ioctl: 514, execve: 520, pwritev2: 547, openat2: 437 },
    arm: { read: 3, arm_sync_file_range: 341, sync_file_range2: 341, set_tls: 0xf0005 },
    aarch64: { io_setup: 0, read: 63, openat: 56, memfd_secret: 447 },
    mips: { read: 3, ipc: 117, statx: 366, openat2: 437 },
    mips64: { read: 0, statx: 326 },
    mips64n32: { read: 0, statx: 330, clock_gettime64: 403 },
    ppc: { read: 3, sync_file_range2: 308, clock_gettime64: 403 },
    ppc64: { read: 3, seccomp: 358, rseq: 387 },
    s390: { exit: 1, read: 3, memfd_secret: 447 },
    s390x: { exit: 1, read: 3, s390_sthyi: 380 },
    parisc: { read: 3, cacheflush: 356, clock_gettime64: 403 },
    parisc64: { read: 3, cacheflush: 356 },
    riscv64: { read: 63, fstat: 80, fcntl: 25, riscv_hwprobe: 258, riscv_flush_icache: 259 },
    loongarch64: { read: 63, newfstatat: 79, fstat: 80, clone3: 435 },
    m68k: { read: 3, atomic_barrier: 336 },
    sh: { read: 3, recvmmsg: 357 },
  };
  for (const table of SYSCALL_TABLES) {
    for (const [name, number] of Object.entries(known[table]))
      t.equal(syscallNumbers(table).get(name), number, `${table} ${name}`);
  }
});

t.test("every table is complete up to Linux 6.18, and well formed", async (t) => {
  for (const table of SYSCALL_TABLES) {
    const numbers = syscallNumbers(table);
    t.equal(numbers.get("file_setattr"), 469, table);
    t.equal(numbers.get("cachestat"), 451, table);
    t.ok(numbers.size > 300, table);
    for (const [name, number] of numbers) {
      if (!/^[a-z_][a-z0-9_]*$/.test(name) || !Number.isInteger(number)) t.fail(`${table}: ${name} ${number}`);
    }
  }
  t.same(
    SYSCALL_TABLES.filter((table) => [...syscallNumbers(table).values()].some((number) => number >= PRIVATE_SYSCALLS)),
    ["arm"],
  );
});

t.test("socketcall and ipc come together", async (t) => {
  const having = (name: string) => SYSCALL_TABLES.filter((table) => syscallNumbers(table).has(name));
  t.same(having("socketcall"), having("ipc"));
  t.same(having("socketcall"), ["m68k", "mips", "ppc", "ppc64", "s390", "s390x", "sh", "x86"]);
  t.same(MULTIPLEXED.get("accept4"), { by: "socketcall", call: 18 });
  t.same(MULTIPLEXED.get("shmctl"), { by: "ipc", call: 24 });
});

t.test("runs cover every call once, in order", async (t) => {
  const odd = new Map([...syscallNumbers("arm")].filter(([, number]) => number % 3 > 0).map(([name]) => [name, "odd"]));
  const seen: [number, string | undefined][] = [];
  visitRuns("arm", odd, (first, last, value) => {
    for (let number = first; number <= last; number++) seen.push([number, value]);
  });
  const expected = [...syscallNumbers("arm")].map(([name, number]) => [number, odd.get(name)]);
  t.same(seen, expected);
});
