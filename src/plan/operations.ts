/**
 * The vocabulary of plans: everything that tsoci can do to a machine, one entry per operation. The executor's header
 * (src/executor/generated/operations.h) and the plan's JSON Schema are generated from this table.
 *
 * - `about` is the contract between the planner and the executor.
 * - `says` is what an error calls the operation: "bind /srv/data on /data".
 * - `shell` is how a person would type it; `tsoci explain` prints it.
 *
 * The order of arguments is the order on the wire. "In the container" means: resolved below the slot `rootfs`, symbolic
 * links included, never followed out of it, never through a magic link.
 */
import { CLONE_FLAGS } from "../kernel/namespaces.ts";
import { NODE_TYPES, OPEN_FLAGS } from "../kernel/files.ts";
import { MOUNT_ATTRIBUTES, MOUNT_FLAGS } from "../kernel/mount-flags.ts";
import {
  type ArgumentKind, type Text, type ValueOf,
  bytes, flags, list, mode, number, numbers, oneOf, slotArgument, textArgument as text,
} from "./arguments.ts";
import { octal, quote, quoteAll, show } from "./shell-words.ts";

interface Definition<A extends Record<string, ArgumentKind<unknown>>> {
  readonly about: string;
  readonly args: A;
  readonly says: (a: { readonly [K in keyof A]: ValueOf<A[K]> }) => string;
  readonly shell: (a: { readonly [K in keyof A]: ValueOf<A[K]> }) => string;
}

// biome-ignore lint/suspicious/noExplicitAny: the table is heterogeneous; `OperationArguments` gives each entry its type.
type AnyDefinition = Definition<any>;

function define<const A extends Record<string, ArgumentKind<unknown>>>(definition: Definition<A>): Definition<A> {
  return definition;
}

/** Points where the runtime (host), the stage and init wait for one another. */
export const STEPS = {
  /** stage → host: the user namespace exists; its id maps can be written. */
  unshared: 1,
  /** host → stage: the id maps are written. */
  mapped: 2,
  /** stage → host: init exists; fills the slot `pid`. */
  cloned: 3,
  /** host → init: init is in its cgroups. */
  placed: 4,
  /** init → host: the root filesystem stands; fills the slot `own_pid` for nobody but init's hooks. */
  mounted: 5,
  /** host → init: the prestart and createRuntime hooks have run. */
  hooked: 6,
  /** init → host: everything is set up. */
  ready: 7,
  /** host → init: everything is recorded; init may outlive the runtime from here on. */
  committed: 8,
} as const;

export type Step = keyof typeof STEPS;

/** States of a container (runtime.md, State). */
export const STATUS = { created: 1, running: 2, paused: 4, stopped: 8 } as const;

export const SECTIONS = {
  /** The runtime itself. */
  host: 1,
  /** An intermediate process, where user namespaces or joined namespaces need one. */
  stage: 2,
  /** The process that becomes the user's program. */
  init: 3,
  /** Takes back what the runtime did; every operation may run twice. */
  undo: 4,
  /** Hooks that run once a container has been destroyed. */
  poststop: 5,
  /** What later commands do, stored with the container. */
  start: 6,
  state: 7,
  kill: 8,
  delete: 9,
} as const;

export type Section = keyof typeof SECTIONS;

export const operations = {
  // ---- files of the host -------------------------------------------------------------------------------------------
  mkdir: define({
    about:
      "Makes a directory. parents: missing parents too, with the same mode. exist_ok: a directory that is already there is fine. " +
      "owned: a directory that was there must belong to the caller and not be writable by others. optional: EPERM, EACCES and EROFS are ignored.",
    args: { path: text, mode, flags: flags({ parents: 1, exist_ok: 2, owned: 4, optional: 8 }) },
    says: (a) => `mkdir ${show(a.path)}`,
    shell: (a) => `mkdir ${a.flags.includes("parents") ? "-p " : ""}-m ${octal(a.mode)} ${quote(a.path)}`,
  }),
  claim: define({
    about: "Makes the directory that stands for a container's id, exactly with this mode; one that exists means that the id is taken.",
    args: { path: text, mode },
    says: (a) => `mkdir ${show(a.path)}`,
    shell: (a) => `mkdir -m ${octal(a.mode)} ${quote(a.path)}`,
  }),
  write: define({
    about:
      "Writes data to a file in one write(2). Without create the file must exist (cgroup and proc files). create: O_CREAT. " +
      "exclusive: O_EXCL. replace: a temporary file beside it is renamed over it. append: O_APPEND. optional: ENOENT, EPERM, EACCES " +
      "and EROFS are ignored. unless_set: does nothing when the file already holds a non-empty line.",
    args: {
      path: text, data: text, mode,
      flags: flags({ create: 1, exclusive: 2, replace: 4, append: 8, optional: 16, unless_set: 32 }),
    },
    says: (a) => `write ${show(a.path)}`,
    shell: (a) => `printf %s ${quote(a.data)} ${a.flags.includes("append") ? ">>" : ">"} ${quote(a.path)}`,
  }),
  store: define({
    about: "Writes bytes to a new file, mode 0600, by way of a temporary file that is renamed: never seen half-written.",
    args: { path: text, data: bytes },
    says: (a) => `write ${show(a.path)}`,
    shell: (a) => `install -m 600 /dev/stdin ${quote(a.path)}   # ${a.data.length} bytes`,
  }),
  remove: define({
    about: "Removes a file, or with recursive a directory and all below it (never crossing a mount). Missing is fine.",
    args: { path: text, flags: flags({ recursive: 1 }) },
    says: (a) => `remove ${show(a.path)}`,
    shell: (a) => `rm ${a.flags.includes("recursive") ? "-rf --one-file-system" : "-f"} ${quote(a.path)}`,
  }),
  chown: define({
    about: "Changes the owner of a file, which is not followed when it is a symbolic link. optional: a missing file is fine.",
    args: { path: text, uid: number, gid: number, flags: flags({ optional: 1 }) },
    says: (a) => `chown ${show(a.path)}`,
    shell: (a) => `chown -h ${a.uid}:${a.gid} ${quote(a.path)}`,
  }),
  open: define({
    about: "Opens a file of the host into a slot. namespace: the file must be a namespace.",
    args: { into: slotArgument, path: text, open: flags(OPEN_FLAGS), flags: flags({ namespace: 1 }) },
    says: (a) => `open ${show(a.path)}`,
    shell: (a) => `exec {${a.into}}<${quote(a.path)}`,
  }),
  close: define({
    about: "Closes the descriptor of a slot, if it holds one.",
    args: { slot: slotArgument },
    says: (a) => `close ${a.slot}`,
    shell: (a) => `exec {${a.slot}}>&-`,
  }),
  connect: define({
    about: "Connects to a stream socket (AF_UNIX) whose path may be longer than sockaddr_un allows.",
    args: { into: slotArgument, path: text },
    says: (a) => `connect to ${show(a.path)}`,
    shell: (a) => `exec {${a.into}}<>unix:${quote(a.path)}`,
  }),
  listen: define({
    about: "Makes a SOCK_SEQPACKET socket with the given mode and listens on it.",
    args: { into: slotArgument, path: text, mode },
    says: (a) => `listen on ${show(a.path)}`,
    shell: (a) => `socat -u UNIX-LISTEN:${quote(a.path)},type=5 -`,
  }),
  send_descriptor: define({
    about: "Sends the descriptor of one slot over the socket in another, as exactly one SCM_RIGHTS message with the given payload.",
    args: { socket: slotArgument, descriptor: slotArgument, payload: text },
    says: (a) => `send ${a.descriptor} over ${a.socket}`,
    shell: (a) => `send-fd ${a.socket} ${a.descriptor}`,
  }),
  print: define({
    about: "Writes text to standard output (1) or standard error (2).",
    args: { descriptor: number, text },
    says: () => "write the result",
    shell: (a) => `printf %s ${quote(a.text)}${Number(a.descriptor) === 2 ? " >&2" : ""}`,
  }),
  warn: define({
    about: "Logs a warning: one line on standard error, or in the log file where one is given.",
    args: { message: text },
    says: () => "log a warning",
    shell: (a) => `# warning: ${show(a.message)}`,
  }),
  fail: define({
    about: "Reports an error that the planner found, and exits with the status.",
    args: { message: text, status: number },
    says: () => "report an error",
    shell: (a) => `echo ${quote(a.message)} >&2; exit ${a.status}`,
  }),
  spawn: define({
    about: "Runs a program of the host (absolute path, no PATH search) and waits for it; fails when it does, quoting its standard error.",
    args: { path: text, args: list, flags: flags({ optional: 1 }) },
    says: (a) => `run ${quoteAll(a.args)}`,
    shell: (a) => quoteAll(a.args),
  }),

  // ---- processes ---------------------------------------------------------------------------------------------------
  on_failure: define({
    about: "From here on, a failure replays these sections of the plan before it is reported.",
    args: { sections: flags({ undo: 1, poststop: 2 }) },
    says: () => "remember how to undo",
    shell: (a) => `trap ${quote(a.sections.join("; "))} ERR`,
  }),
  clone: define({
    about:
      "host: clones a child that executes a sealed in-memory copy of the executor, as the stage or as init (whose pid it then stores). " +
      "stage: clones init as its own sibling (CLONE_PARENT) and exits. The flags are the new namespaces. preserve: so many descriptors after " +
      "standard error must be open and are handed on.",
    args: { flags: flags(CLONE_FLAGS), into: oneOf({ stage: 2, init: 3 }), preserve: number },
    says: (a) => (a.flags.length === 0 ? `clone ${a.into}` : `clone ${a.into} with ${a.flags.join("|")}`),
    shell: (a) => `unshare --fork ${a.flags.join(" ")}`,
  }),
  identity: define({
    about:
      "save: reads the start time of the slot `pid` and stores both in the file. load: reads them back; a missing file leaves both 0.",
    args: { path: text, mode: oneOf({ save: 1, load: 2 }) },
    says: (a) => `${a.mode} the identity of init in ${show(a.path)}`,
    shell: (a) =>
      a.mode === "save"
        ? `cut -d' ' -f1,22 /proc/$pid/stat > ${quote(a.path)}`
        : `read -r pid start_time < ${quote(a.path)}`,
  }),
  find_process: define({
    about: "Opens a pidfd of a process into a slot, after which its start time must still be this one: a recycled pid is never touched.",
    args: { into: slotArgument, pid: number, start_time: number },
    says: (a) => `find process ${a.pid}`,
    shell: (a) => `exec {${a.into}}</proc/${a.pid}`,
  }),
  unshare: define({
    about: "unshare(2).",
    args: { flags: flags(CLONE_FLAGS) },
    says: (a) => `unshare ${a.flags.join("|")}`,
    shell: (a) => `unshare ${a.flags.join(" ")}`,
  }),
  setns: define({
    about:
      "Joins the namespace(s) of a slot, which must be of the given types. first_try: EPERM is remembered instead of reported, and " +
      "second_try joins only what the first try could not (namespaces owned by the host and by the new user namespace mix).",
    args: { slot: slotArgument, types: flags(CLONE_FLAGS), flags: flags({ first_try: 1, second_try: 2 }) },
    says: (a) => `join ${a.slot} as ${a.types.join("|")}`,
    shell: (a) => `nsenter ${a.types.join(" ")} {${a.slot}}`,
  }),
  enter_time: define({
    about: "Writes /proc/self/timens_offsets through the private procfs (empty: nothing to write) and enters the new time namespace.",
    args: { offsets: text },
    says: () => "enter the time namespace",
    shell: (a) => `printf %s ${quote(a.offsets)} > /proc/self/timens_offsets   # then nsenter --time`,
  }),
  wake: define({
    about: "Tells the other side that a step is done.",
    args: { step: oneOf(STEPS) },
    says: (a) => `tell that ${a.step}`,
    shell: (a) => `# tells: ${a.step}`,
  }),
  wait: define({
    about: "Waits until the other side tells that a step is done. End of file or a report of failure ends the plan.",
    args: { step: oneOf(STEPS) },
    says: (a) => `wait for ${a.step}`,
    shell: (a) => `# waits for: ${a.step}`,
  }),
  give: define({
    about: "Hands the descriptor of a slot to the other side, which takes it.",
    args: { slot: slotArgument },
    says: (a) => `hand over ${a.slot}`,
    shell: (a) => `# hands over {${a.slot}}`,
  }),
  take: define({
    about: "Receives the descriptor of a slot that the other side gives.",
    args: { slot: slotArgument },
    says: (a) => `receive ${a.slot}`,
    shell: (a) => `# receives {${a.slot}}`,
  }),
  hook: define({
    about:
      "Runs a hook with the state on its standard input and waits for it. name: \"hooks.createRuntime[0]\", for messages. timeout: seconds, " +
      "0 for none; then the hook is killed and has failed. env is used as it is; inherit_env: the runtime's own. warn: a failure is only a warning.",
    args: {
      name: text, path: text, args: list, env: list, timeout: number, stdin: text,
      flags: flags({ inherit_env: 1, warn: 2 }),
    },
    says: (a) => `run hook ${quoteAll([a.path, ...a.args.slice(1)])}`,
    shell: (a) => `${Number(a.timeout) > 0 ? `timeout -s KILL ${a.timeout} ` : ""}${quoteAll([a.path, ...a.args.slice(1)])} <<< "$state"`,
  }),
  await_exec: define({
    about: "Waits until init has executed the user's program; reports why it could not.",
    args: {},
    says: () => "execute the program",
    shell: () => "# waits until the program runs",
  }),
  foreground: define({
    about:
      "Waits for the slot `pid` to end, forwarding every signal; with terminal relays standard input and output to the slot `terminal`, in raw " +
      "mode, with its window size. subreaper: adopts orphans meanwhile. The exit status of tsoci becomes the process's (128 + signal).",
    args: { flags: flags({ terminal: 1, subreaper: 2 }) },
    says: () => "wait for the container",
    shell: () => "wait $pid",
  }),
  out_of_memory: define({
    about:
      "If the awaited process was killed by SIGKILL and the file's line `key` counts more than 0, logs the message as a warning.",
    args: { path: text, key: text, message: text },
    says: () => "look for out-of-memory kills",
    shell: (a) => `grep ${quote(a.key)} ${quote(a.path)}`,
  }),

  // ---- the life of a container -------------------------------------------------------------------------------------
  status: define({
    about:
      "Fills the slot `status` (and sets `pid` to 0 when stopped): stopped when the pid is gone, is a zombie or has another start time; " +
      "paused when the file `freezer` contains the text `frozen`; created while `start_socket` exists; else running.",
    args: { freezer: text, frozen: text, start_socket: text },
    says: () => "find out the status",
    shell: (a) => `ps -o stat= $pid; cat ${quote(a.freezer)}; test -e ${quote(a.start_socket)}`,
  }),
  refuse: define({
    about: "Fails with the message when the status is one of these. unless_force / unless_all: not when the command has --force / --all.",
    args: { when: flags(STATUS), message: text, flags: flags({ unless_force: 1, unless_all: 2, quiet: 4 }) },
    says: () => "check the status",
    shell: (a) => `case $status in ${a.when.join("|")}) echo ${quote(a.message)} >&2; exit 1;; esac`,
  }),
  start: define({
    about:
      "Locks the directory (fails when another start holds the lock), tells init through its socket to go on, removes the socket when init is about to " +
      "execute the program, and returns when it runs; or reports init's failure.",
    args: { socket: text, directory: text },
    says: () => "start the program",
    shell: (a) => `socat - UNIX-CONNECT:${quote(a.socket)}`,
  }),
  kill: define({
    about:
      "Sends a signal (number; 0: the slot `signal`) to init, by pidfd after checking its start time. wait: until it is gone. missing_ok: no process is fine.",
    args: { signal: number, flags: flags({ wait: 1, missing_ok: 2, slot: 4 }) },
    says: () => "unable to signal init",
    shell: (a) => `kill -${a.flags.includes("slot") ? "$signal" : a.signal} $pid`,
  }),
  kill_cgroup: define({
    about:
      "Sends SIGKILL to every process in a cgroup and below it until none is left (cgroup.kill where there is one). A missing cgroup is fine. " +
      "if_signal_is_kill: only when the slot `signal` is SIGKILL. thaw: a frozen cgroup is thawed by writing `thaw` to the file `freezer` after the signal.",
    args: { path: text, freezer: text, thaw: text, flags: flags({ if_signal_is_kill: 1 }) },
    says: (a) => `unable to kill all processes of ${show(a.path)}`,
    shell: (a) => `kill -9 $(cat ${quote(a.path)}/cgroup.procs)`,
  }),
  stored: define({
    about: "Carries out what `create` stored for a later command, below the state root of this command line. force and all: --force, --all.",
    args: {
      command: oneOf({ start: 6, state: 7, kill: 8, delete: 9 }),
      id: text,
      signal: number,
      flags: flags({ force: 1, all: 2 }),
    },
    says: (a) => `${a.command} ${show(a.id)}`,
    shell: (a) => `tsoci ${a.command} ${quote(a.id)}`,
  }),
  replay: define({
    about: "Runs another section of the plan. every: goes on after a failing operation and reports the first failure at the end.",
    args: { section: oneOf({ undo: 4, poststop: 5 }), flags: flags({ every: 1 }) },
    says: (a) => `run section ${a.section}`,
    shell: (a) => `${a.section}`,
  }),

  // ---- cgroups -----------------------------------------------------------------------------------------------------
  cgroup: define({
    about:
      "Makes a cgroup and its missing parents below a mount point. cpuset: every directory made inherits cpuset.cpus and cpuset.mems from its " +
      "parent (v1). controllers: words for cgroup.subtree_control of every ancestor, \"+cpu +memory\" (v2); one that is not available is an error. " +
      "empty: fails when the cgroup holds processes. optional: EPERM, EACCES and EROFS are ignored.",
    args: { mount: text, path: text, controllers: text, flags: flags({ cpuset: 1, empty: 2, optional: 4 }) },
    says: (a) => `make cgroup ${show(a.mount)}${show(a.path)}`,
    shell: (a) => `mkdir -p ${quote(a.mount)}${quote(a.path)}`,
  }),
  rmdir_cgroup: define({
    about:
      "Removes a cgroup and all below it, waiting while the kernel still holds it, then up to `parents` parents that are empty. Missing is fine.",
    args: { mount: text, path: text, parents: number },
    says: (a) => `remove cgroup ${show(a.mount)}${show(a.path)}`,
    shell: (a) => `rmdir ${quote(a.mount)}${quote(a.path)}`,
  }),
  device_filter: define({
    about: "Loads an eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE and attaches it to a cgroup (v2). optional: EPERM is ignored.",
    args: { cgroup: text, program: bytes, flags: flags({ optional: 1 }) },
    says: (a) => `filter devices of ${show(a.cgroup)}`,
    shell: (a) => `bpftool cgroup attach ${quote(a.cgroup)} device   # ${a.program.length / 8} instructions`,
  }),

  // ---- mounts ------------------------------------------------------------------------------------------------------
  procfs: define({
    about: "Fills the slot `procfs` with a procfs of its own, attached nowhere; falls back to a clone of /proc, then to /proc. Verified by filesystem type.",
    args: {},
    says: () => "open a private procfs",
    shell: () => "mount -t proc proc /run/private-proc",
  }),
  propagation: define({
    about: "Changes the propagation of the mount at a path of the own mount namespace: mount(NULL, path, NULL, flags).",
    args: { path: text, flags: flags(MOUNT_FLAGS) },
    says: (a) => `make ${show(a.path)} ${a.flags.join("|")}`,
    shell: (a) => `mount --make-${a.flags.includes("MS_REC") ? "r" : ""}${(a.flags.find((f) => f !== "MS_REC") ?? "").slice(3).toLowerCase()} ${quote(a.path)}`,
  }),
  tree: define({
    about:
      "Clones the mount at a path of the own mount namespace into the slot `tree`, detached. recursive: with what is mounted below. " +
      "no_follow: a symbolic link itself.",
    args: { path: text, flags: flags({ recursive: 1, no_follow: 2 }) },
    says: (a) => `open ${show(a.path)} for binding`,
    shell: (a) => `mount --${a.flags.includes("recursive") ? "rbind" : "bind"} ${quote(a.path)} TREE`,
  }),
  attributes: define({
    about: "mount_setattr(2) on the slot `tree`, attached or not: attributes to set and to clear, and one propagation (MS_PRIVATE …).",
    args: {
      set: flags(MOUNT_ATTRIBUTES), clear: flags(MOUNT_ATTRIBUTES), propagation: flags(MOUNT_FLAGS), flags: flags({ recursive: 1 }),
    },
    says: (a) => `set ${[...a.set, ...a.clear.map((name) => `no ${name}`), ...a.propagation].join(", ")}`,
    shell: (a) => `mount -o remount,bind,${[...a.set, ...a.clear, ...a.propagation].join(",").replaceAll("MOUNT_ATTR_", "").toLowerCase()} TREE`,
  }),
  rootfs: define({
    about:
      "Attaches the slot `tree` at a path of the own mount namespace and makes it the slot `rootfs`. shield: its parent becomes a private mount of its own, " +
      "so that nothing propagates out.",
    args: { path: text, flags: flags({ shield: 1 }) },
    says: (a) => `use ${show(a.path)} as root filesystem`,
    shell: (a) => `mount --rbind ${quote(a.path)} ${quote(a.path)}   # ROOT`,
  }),
  attach: define({
    about:
      "Attaches the slot `tree` in the container. A missing mount point is made, of the kind of the tree (directory or file). in_proc: the target may be " +
      "a file of a procfs. over_proc: the tree must be a procfs itself.",
    args: { target: text, flags: flags({ in_proc: 1, over_proc: 2 }) },
    says: (a) => `mount on ${show(a.target)}`,
    shell: (a) => `mount --move TREE "$ROOT"${quote(a.target)}`,
  }),
  mount: define({
    about:
      "Mounts a new filesystem in the container; a missing directory is made. flags: of the superblock, as mount(2) takes them; set: of the mount. data: " +
      "the filesystem's options, separated by commas. no_links: no component of the target may be a symbolic link. copy_up: the directory's contents are " +
      "copied into the new filesystem. keep_mode: the new root gets mode and owner of the directory that it covers unless data sets mode. " +
      "or_bind: where the kernel refuses it (EPERM, EBUSY), binds this path of the host instead. Fills the slot `tree`.",
    args: {
      type: text, source: text, target: text, flags: flags(MOUNT_FLAGS), set: flags(MOUNT_ATTRIBUTES), data: text, or_bind: text,
      options: flags({ no_links: 1, copy_up: 2, keep_mode: 4 }),
    },
    says: (a) => `mount ${show(a.type)} on ${show(a.target)}`,
    shell: (a) => {
      const options = [...a.flags, ...a.set].map((f) => f.replace(/^MS_|^MOUNT_ATTR_/, "").toLowerCase());
      if (a.data !== "") options.push(show(a.data));
      return `mount -t ${quote(a.type)}${options.length > 0 ? ` -o ${quote(options.join(","))}` : ""} ${quote(a.source)} "$ROOT"${quote(a.target)}`;
    },
  }),
  open_mount: define({
    about: "Fills the slot `tree` with what is mounted at a path in the container; not a mount point is an error.",
    args: { target: text },
    says: (a) => `open the mount at ${show(a.target)}`,
    shell: (a) => `findmnt "$ROOT"${quote(a.target)}`,
  }),
  make_directory: define({
    about: "Makes a directory and its missing parents in the container. One that exists is left as it is.",
    args: { path: text, mode },
    says: (a) => `make directory ${show(a.path)}`,
    shell: (a) => `mkdir -p -m ${octal(a.mode)} "$ROOT"${quote(a.path)}`,
  }),
  symlink: define({
    about: "Makes a symbolic link in the container, with missing parents. One that already has this target is fine; anything else there: replace removes it, else it stays.",
    args: { path: text, target: text, flags: flags({ replace: 1 }) },
    says: (a) => `link ${show(a.path)} to ${show(a.target)}`,
    shell: (a) => `ln -s ${quote(a.target)} "$ROOT"${quote(a.path)}`,
  }),
  node: define({
    about:
      "Makes a device node or fifo in the container, with missing parents, exactly with this mode and owner. One that exists must be the same device. ",
    args: { path: text, type: oneOf(NODE_TYPES), major: number, minor: number, mode, uid: number, gid: number },
    says: (a) => `make device ${show(a.path)}`,
    shell: (a) =>
      `mknod -m ${octal(a.mode)} "$ROOT"${quote(a.path)} ${a.type.charAt(0) === "f" ? "p" : `${a.type.charAt(0)} ${a.major} ${a.minor}`}`,
  }),
  bind_node: define({
    about: "Binds a device node of the host over a file in the container (in user namespaces, where mknod(2) is not allowed).",
    args: { source: text, path: text, type: oneOf(NODE_TYPES), major: number, minor: number },
    says: (a) => `bind device ${show(a.source)} on ${show(a.path)}`,
    shell: (a) => `touch "$ROOT"${quote(a.path)}; mount --bind ${quote(a.source)} "$ROOT"${quote(a.path)}`,
  }),
  mask: define({
    about: "Hides a path in the container: a directory under an empty read-only one, anything else under /dev/null (verified). Missing is fine.",
    args: { path: text },
    says: (a) => `mask ${show(a.path)}`,
    shell: (a) => `mount --bind /dev/null "$ROOT"${quote(a.path)}`,
  }),
  readonly: define({
    about: "Binds a path in the container over itself, read-only, with all below it. Missing is fine.",
    args: { path: text },
    says: (a) => `make ${show(a.path)} read-only`,
    shell: (a) => `mount --rbind -o ro "$ROOT"${quote(a.path)} "$ROOT"${quote(a.path)}`,
  }),
  readonly_root: define({
    about: "Makes the mount of the slot `rootfs` read-only, and nothing below it.",
    args: {},
    says: () => "make the root filesystem read-only",
    shell: () => 'mount -o remount,bind,ro "$ROOT"',
  }),
  enter_root: define({
    about:
      "Makes the slot `rootfs` the root directory. pivot: pivot_root(2), and the old root is unmounted. move: mounted over / (MS_MOVE), then chroot(2). " +
      "chroot: chroot(2) only.",
    args: { how: oneOf({ pivot: 1, move: 2, chroot: 3 }) },
    says: (a) => (a.how === "pivot" ? "pivot_root" : `${a.how} into the root filesystem`),
    shell: (a) =>
      a.how === "pivot" ? 'cd "$ROOT"; pivot_root . .; umount -l .' : `${a.how === "move" ? 'mount --move "$ROOT" /; ' : ""}chroot "$ROOT"`,
  }),
  unmount: define({
    about:
      "Lazily unmounts everything at and below a path of the host, or of the mount namespace given by a path (\"\" for the own). Not mounted is fine.",
    args: { path: text, namespace: text },
    says: (a) => `unmount ${show(a.path)}`,
    shell: (a) => `umount -R -l ${quote(a.path)}`,
  }),

  // ---- the process -------------------------------------------------------------------------------------------------
  hostname: define({
    about: "sethostname(2).",
    args: { name: text },
    says: (a) => `set the hostname ${show(a.name)}`,
    shell: (a) => `hostname ${quote(a.name)}`,
  }),
  domainname: define({
    about: "setdomainname(2).",
    args: { name: text },
    says: (a) => `set the domainname ${show(a.name)}`,
    shell: (a) => `domainname ${quote(a.name)}`,
  }),
  write_proc: define({
    about: "Writes to a file of the private procfs (slot `procfs`), never through a link that leads out of it.",
    args: { path: text, data: text },
    says: (a) => `write /proc/${show(a.path)}`,
    shell: (a) => `printf %s ${quote(a.data)} > /proc/${quote(a.path)}`,
  }),
  dumpable: define({
    about: "prctl(PR_SET_DUMPABLE): 0 keeps other processes from reading this one's memory and descriptors.",
    args: { value: number },
    says: () => "set PR_SET_DUMPABLE",
    shell: (a) => `# prctl(PR_SET_DUMPABLE, ${a.value})`,
  }),
  setsid: define({
    about: "Starts a session of its own; one that it already leads is fine.",
    args: {},
    says: () => "start a session",
    shell: () => "setsid",
  }),
  session_keyring: define({
    about: "Joins a new session keyring of this name. A kernel without keyrings is fine.",
    args: { name: text },
    says: () => "join a session keyring",
    shell: (a) => `keyctl session ${quote(a.name)}`,
  }),
  terminal: define({
    about:
      "Opens a new pseudoterminal in the container's /dev/pts (verified) with this window size (0: unchanged), owned by uid; its master fills the slot " +
      "`terminal`. console: the other end is also bound over /dev/console. It becomes standard input, output and error by `use_terminal`.",
    args: { height: number, width: number, uid: number, gid: number, flags: flags({ console: 1 }) },
    says: () => "open a terminal",
    shell: () => 'open "$ROOT"/dev/pts/ptmx',
  }),
  use_terminal: define({
    about: "Makes the terminal standard input, output and error, and the controlling terminal of the session.",
    args: {},
    says: () => "use the terminal",
    shell: () => "exec <$tty >$tty 2>&1",
  }),
  own_stdio: define({
    about: "Gives standard input, output and error to uid, but for /dev/null and what can't be given (EPERM, EROFS, EINVAL).",
    args: { uid: number },
    says: () => "chown standard input, output and error",
    shell: (a) => `chown ${a.uid} /dev/stdin /dev/stdout /dev/stderr`,
  }),
  rlimit: define({
    about: "prlimit(2) on the slot `pid` (host) or on itself (init).",
    args: { resource: number, soft: number, hard: number, name: text },
    says: (a) => `set ${show(a.name)}`,
    shell: (a) => `prlimit --${show(a.name).slice(7).toLowerCase()}=${a.soft}:${a.hard}`,
  }),
  umask: define({
    about: "umask(2).",
    args: { mask: mode },
    says: () => "set the umask",
    shell: (a) => `umask ${octal(a.mask)}`,
  }),
  working_directory: define({
    about:
      "Changes to a directory of the container, which is made when it is missing (create), and verifies that it is inside the root. later: EACCES is left to the " +
      "second call, after the change of user.",
    args: { path: text, flags: flags({ create: 1, later: 2 }) },
    says: (a) => `chdir to cwd ("${show(a.path)}") set in config.json`,
    shell: (a) => `cd ${quote(a.path)}`,
  }),
  bounding: define({
    about: "Drops every capability that is not in the mask from the bounding set.",
    args: { mask: number },
    says: () => "drop capabilities from the bounding set",
    shell: (a) => `capsh --drop=… # keeps ${hex(a.mask)}`,
  }),
  credentials: define({
    about:
      "Sets supplementary groups (unless keep_groups), gid and uid (all three of each), keeping the permitted capabilities meanwhile.",
    args: { uid: number, gid: number, groups: numbers, flags: flags({ keep_groups: 1 }) },
    says: (a) => `become uid ${a.uid}, gid ${a.gid}`,
    shell: (a) => `setpriv --reuid ${a.uid} --regid ${a.gid}${a.groups.length > 0 ? ` --groups ${a.groups.join(",")}` : " --clear-groups"}`,
  }),
  capabilities: define({
    about: "Sets the effective, permitted, inheritable and ambient capabilities.",
    args: { effective: number, permitted: number, inheritable: number, ambient: number },
    says: () => "set the capabilities",
    shell: (a) => `setpriv --inh-caps ${hex(a.inheritable)} --ambient-caps ${hex(a.ambient)}   # eff ${hex(a.effective)} perm ${hex(a.permitted)}`,
  }),
  no_new_privileges: define({
    about: "prctl(PR_SET_NO_NEW_PRIVS).",
    args: {},
    says: () => "set no_new_privs",
    shell: () => "setpriv --no-new-privs",
  }),
  seccomp: define({
    about: "seccomp(SECCOMP_SET_MODE_FILTER) with a classic BPF program: 8 bytes an instruction.",
    args: {
      filter: bytes,
      flags: flags({
        SECCOMP_FILTER_FLAG_TSYNC: 1,
        SECCOMP_FILTER_FLAG_LOG: 2,
        SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
        SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: 32,
      }),
    },
    says: () => "load the seccomp filter",
    shell: (a) => `# seccomp filter of ${a.filter.length / 8} instructions`,
  }),
  find_program: define({
    about:
      "Finds the program in the container as execvp(3) would, with this PATH, cwd and credentials, and remembers it for `exec`. Not found, not " +
      "executable and not a file are failures.",
    args: { file: text, path: text },
    says: (a) => `exec: "${show(a.file)}"`,
    shell: (a) => `command -v ${quote(a.file)}`,
  }),
  await_start: define({
    about: "Waits on the slot `start_socket` for `tsoci start`; failures are reported to it from here on.",
    args: {},
    says: () => "wait for start",
    shell: () => "# waits for `tsoci start`",
  }),
  exec: define({
    about:
      "Closes every descriptor but 0, 1, 2 and `preserve` more, resets signals, and executes the program found. add_home: HOME is taken from the " +
      "container's /etc/passwd by uid. On failure says why: interpreter, shebang, architecture.",
    args: { args: list, env: list, preserve: number, uid: number, flags: flags({ add_home: 1 }) },
    says: (a) => `exec: "${show(a.args[0] ?? "")}"`,
    shell: (a) => `exec env -i … ${quoteAll(a.args)}`,
  }),
} as const satisfies Record<string, AnyDefinition>;

function hex(value: number | bigint): string {
  return `0x${BigInt(value).toString(16)}`;
}

export type OperationName = keyof typeof operations;
export type OperationArguments<N extends OperationName> = {
  readonly [K in keyof (typeof operations)[N]["args"]]: ValueOf<(typeof operations)[N]["args"][K]>;
};

/** One step of a plan: what to do, its arguments, and `from`: the JSON Pointer, flag or rule that asked for it. */
export type Operation = {
  readonly [N in OperationName]: { readonly op: N; readonly from: string } & OperationArguments<N>;
}[OperationName];

/** The type of a definition when the entry is not known: for printers and encoders that treat all alike. */
export interface OperationDefinition {
  readonly about: string;
  readonly args: Readonly<Record<string, ArgumentKind<unknown>>>;
  readonly says: (a: Operation) => string;
  readonly shell: (a: Operation) => string;
}

export const definitions = operations as unknown as Readonly<Record<OperationName, OperationDefinition>>;
export type { Text };
