/** The flags of the commands that start a process: create, run and exec. */
import type { Flags } from "./flags.ts";
import { bool, HIGHEST_ID, integer, override, repeated, text, userAndGroup, withDefault } from "./value-kinds.ts";

/** fs.nr_open by default: no process can hold more descriptors. */
const MOST_DESCRIPTORS = 1_048_576;

/** What every process takes. */
const processFlags = {
  "console-socket": {
    kind: text("SOCKET"),
    help: "socket that receives the master of the process's terminal",
    from: "both",
  },
  "pidfd-socket": {
    kind: text("SOCKET"),
    help: "socket that receives a pidfd of the process",
    from: "runc",
  },
  "pid-file": { kind: text("FILE"), help: "write the pid of the process to this file", from: "both" },
  "preserve-fds": {
    kind: withDefault(integer(0, MOST_DESCRIPTORS), 0),
    help: "pass N more descriptors, beside standard input, output, error and LISTEN_FDS",
    from: "both",
  },
} as const satisfies Flags;

/** What makes a container out of a bundle: of create, run, plan and explain. */
const containerFlags = {
  bundle: {
    kind: withDefault(text("DIR"), "."),
    short: "b",
    help: "directory of the bundle (default: the current directory)",
    from: "both",
  },
  config: {
    kind: withDefault(text("FILE"), "config.json"),
    short: "f",
    help: "another configuration than the bundle's config.json",
    from: "crun",
  },
  ...processFlags,
  "no-pivot": {
    kind: bool,
    help: "enter the root filesystem with MS_MOVE and chroot, where pivot_root is impossible (ramdisks)",
    from: "both",
  },
  "no-new-keyring": { kind: bool, help: "keep the session keyring of the caller", from: "both" },
} as const satisfies Flags;

export const createFlags = {
  ...containerFlags,
  "no-subreaper": {
    kind: bool,
    help: "do not become a subreaper",
    from: "crun",
    hidden: true,
    ignored: "create never becomes a subreaper",
  },
} as const satisfies Flags;

export const runFlags = {
  ...containerFlags,
  detach: { kind: bool, short: "d", help: "return once the process has started", from: "both" },
  keep: { kind: bool, help: "keep the container after its process has ended", from: "both" },
  "no-subreaper": { kind: bool, help: "do not adopt orphaned processes of the container", from: "both" },
} as const satisfies Flags;

export const execFlags = {
  process: {
    kind: text("FILE"),
    short: "p",
    help: "JSON file with the whole process; the flags that describe a process are ignored then",
    from: "both",
  },
  ...processFlags,
  detach: { kind: bool, short: "d", help: "return once the process has started", from: "both" },
  tty: { kind: bool, short: "t", help: "give the process a terminal", from: "both" },
  cwd: { kind: text("DIR"), help: "working directory in the container", from: "both" },
  env: { kind: repeated(text("NAME=VALUE")), short: "e", help: "add an environment variable", from: "both" },
  user: { kind: userAndGroup, short: "u", help: "user and group", from: "both" },
  "additional-gids": {
    kind: repeated(integer(0, HIGHEST_ID)),
    short: "g",
    help: "add a supplementary group",
    from: "runc",
  },
  cap: { kind: repeated(text("CAP")), short: "c", help: "add a capability", from: "both" },
  "no-new-privs": { kind: override, help: "set no_new_privs (=false: do not)", from: "both" },
  "process-label": { kind: text("LABEL"), help: "SELinux label of the process", from: "both" },
  apparmor: { kind: text("PROFILE"), help: "AppArmor profile of the process", from: "both" },
  cgroup: {
    kind: repeated(text("[CONTROLLER:]PATH")),
    help: "existing cgroup below the container's",
    from: "both",
  },
  "ignore-paused": { kind: bool, help: "also when the container is paused", from: "runc" },
} as const satisfies Flags;
