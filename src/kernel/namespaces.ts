/** Namespaces: the specification's names, and the kernel's (namespaces(7), clone(2)). */

export const CLONE_FLAGS = {
  CLONE_NEWTIME: 0x80,
  CLONE_PARENT: 0x8000,
  CLONE_NEWNS: 0x20000,
  CLONE_NEWCGROUP: 0x2000000,
  CLONE_NEWUTS: 0x4000000,
  CLONE_NEWIPC: 0x8000000,
  CLONE_NEWUSER: 0x10000000,
  CLONE_NEWPID: 0x20000000,
  CLONE_NEWNET: 0x40000000,
} as const;

export type CloneFlag = keyof typeof CLONE_FLAGS;

/** `flag`: clone(2) and setns(2); `file`: name below /proc/PID/ns; `since`: first kernel; `short`: option of unshare(1). */
export const NAMESPACES = {
  cgroup: { flag: "CLONE_NEWCGROUP", file: "cgroup", short: "--cgroup", since: "4.6" },
  ipc: { flag: "CLONE_NEWIPC", file: "ipc", short: "--ipc", since: "2.6.19" },
  mount: { flag: "CLONE_NEWNS", file: "mnt", short: "--mount", since: "2.4.19" },
  network: { flag: "CLONE_NEWNET", file: "net", short: "--net", since: "2.6.24" },
  pid: { flag: "CLONE_NEWPID", file: "pid", short: "--pid", since: "2.6.24" },
  time: { flag: "CLONE_NEWTIME", file: "time", short: "--time", since: "5.6" },
  user: { flag: "CLONE_NEWUSER", file: "user", short: "--user", since: "3.8" },
  uts: { flag: "CLONE_NEWUTS", file: "uts", short: "--uts", since: "2.6.19" },
} as const satisfies Record<string, { flag: CloneFlag; file: string; short: string; since: string }>;

export type NamespaceType = keyof typeof NAMESPACES;
