/** A profile of the size and kind that container engines use by default: all but the privileged calls. */
import { SYSCALL_TABLES, syscallNumbers } from "../../../kernel/syscalls.ts";
import type { Seccomp } from "../../../spec/generated/config.ts";

const REFUSED = new Set(
  `acct add_key bpf clock_adjtime clock_settime clone clone3 create_module delete_module finit_module get_kernel_syms
  init_module io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl
  lookup_dcookie mbind mount move_pages nfsservctl open_by_handle_at perf_event_open personality pivot_root
  process_vm_readv process_vm_writev ptrace query_module quotactl reboot request_key setdomainname sethostname setns
  settimeofday socket stime swapoff swapon sysfs _sysctl umount umount2 unshare uselib userfaultfd ustat vm86 vm86old
  fsopen fsconfig fsmount fspick move_mount open_tree mount_setattr quotactl_fd syslog vhangup vserver`.split(/\s+/),
);

/** With the names of the three x86 tables, those of a kernel of 2024: about 400. */
export function typicalProfile(): Seccomp {
  const tables = SYSCALL_TABLES.filter((table) => table.startsWith("x"));
  const all = new Set(
    tables.flatMap((table) => [...syscallNumbers(table)].filter(([, number]) => number < 463).map(([name]) => name)),
  );
  const names = [...all].filter((name) => !REFUSED.has(name)).sort();
  const equals = (value: number) =>
    ({ names: ["personality"], action: "SCMP_ACT_ALLOW", args: [{ index: 0, value, op: "SCMP_CMP_EQ" }] }) as const;
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 1,
    architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    syscalls: [
      { names, action: "SCMP_ACT_ALLOW" },
      { names: ["socket"], action: "SCMP_ACT_ALLOW", args: [{ index: 0, value: 40, op: "SCMP_CMP_NE" }] },
      ...[0, 8, 0x20000, 0x20008, 0xffffffff].map(equals),
      {
        names: ["clone"],
        action: "SCMP_ACT_ALLOW",
        args: [{ index: 0, value: 0x7e020000, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
      },
      { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: 38 },
    ],
  };
}
