/** What init does to itself until it executes the user's program. */
import { bytes, flags, list, mode, number, numbers, textArgument as text } from "../arguments.ts";
import { define } from "../definition.ts";
import { capabilityNames, octal, quote, show } from "../shell-words.ts";

export const selfOperations = {
  hostname: define({
    about: "sethostname(2).",
    places: ["init"],
    args: { name: text },
    says: (a) => `set the hostname ${show(a.name)}`,
    shell: (a) => `hostname ${quote(a.name)}`,
  }),
  domainname: define({
    about: "setdomainname(2).",
    places: ["init"],
    args: { name: text },
    says: (a) => `set the domainname ${show(a.name)}`,
    shell: (a) => `domainname ${quote(a.name)}`,
  }),
  write_proc: define({
    about: "Writes to a file of the private procfs (slot `procfs`), never through a link that leads out of it.",
    places: ["init"],
    args: { path: text, data: text },
    slots: () => ({ reads: ["procfs"] }),
    says: (a) => `write /proc/${show(a.path)}`,
    shell: (a) => `echo ${quote(a.data)} > "$PROC"/${quote(a.path)}`,
  }),
  dumpable: define({
    about: "prctl(PR_SET_DUMPABLE): 0 keeps other processes from reading this one's memory and descriptors.",
    places: ["stage", "init"],
    args: { value: number },
    says: () => "set PR_SET_DUMPABLE",
    shell: (a) => `# prctl(PR_SET_DUMPABLE, ${a.value})`,
  }),
  setsid: define({
    about: "Starts a session of its own; one that it already leads is fine.",
    places: ["init"],
    args: {},
    says: () => "start a session",
    shell: () => "setsid",
  }),
  session_keyring: define({
    about:
      "Joins the session keyring of this name, which is made when there is none that it may search. permissions: of the keyring (0: as they are). " +
      "A kernel without keyrings is fine.",
    places: ["init"],
    args: { name: text, permissions: number },
    says: () => "join a session keyring",
    shell: (a) => {
      const set = Number(a.permissions) === 0 ? "" : `; keyctl setperm @s 0x${Number(a.permissions).toString(16)}`;
      return `keyctl session ${quote(a.name)}${set}`;
    },
  }),
  terminal: define({
    about:
      "Opens a new pseudoterminal in the container's /dev/pts (verified) with this window size (0: unchanged), owned by uid; its master fills the slot " +
      "`terminal`. console: the other end is also bound over /dev/console. It becomes standard input, output and error by `use_terminal`.",
    places: ["init"],
    args: { height: number, width: number, uid: number, gid: number, flags: flags({ console: 1 }) },
    slots: () => ({ reads: ["rootfs", "procfs"], fills: ["terminal"] }),
    says: () => "open a terminal",
    shell: (a) => {
      const size = Number(a.height) + Number(a.width) > 0 ? `; stty rows ${a.height} cols ${a.width} <"$TTY"` : "";
      const console = a.flags.includes("console") ? '; mount --bind "$TTY" "$ROOT"/dev/console' : "";
      return `exec {terminal}<>"$ROOT"/dev/pts/ptmx${size}; chown ${a.uid} "$TTY"${console}`;
    },
  }),
  use_terminal: define({
    about: "Makes the terminal standard input, output and error, and the controlling terminal of the session.",
    places: ["init"],
    args: {},
    says: () => "use the terminal",
    shell: () => 'exec 0<>"$TTY" 1>&0 2>&0   # setsid --ctty',
  }),
  own_stdio: define({
    about:
      "Gives standard input, output and error to uid, but for memory devices (/dev/null …) and what can't be given (EPERM, EROFS, EINVAL).",
    places: ["init"],
    args: { uid: number },
    says: () => "chown standard input, output and error",
    shell: (a) => `chown ${a.uid} /dev/stdin /dev/stdout /dev/stderr || true`,
  }),
  rlimit: define({
    about: "prlimit(2) on the slot `pid` (host) or on itself (init).",
    places: ["host", "init"],
    args: { resource: number, soft: number, hard: number, name: text },
    slots: (_, section) => ({ reads: section === "host" ? ["pid"] : [] }),
    says: (a) => `set ${show(a.name)}`,
    shell: (a) => `prlimit --${show(a.name).slice("RLIMIT_".length).toLowerCase()}=${limit(a.soft)}:${limit(a.hard)}`,
  }),
  umask: define({
    about: "umask(2).",
    places: ["init"],
    args: { mask: mode },
    says: () => "set the umask",
    shell: (a) => `umask ${octal(a.mask)}`,
  }),
  working_directory: define({
    about:
      "Changes to a directory of the container, which is made when it is missing (create), and verifies that it is inside the root. later: EACCES is left to the " +
      "second call, after the change of user.",
    places: ["init"],
    args: { path: text, flags: flags({ create: 1, later: 2 }) },
    says: (a) => `chdir to cwd ("${show(a.path)}") set in config.json`,
    shell: (a) =>
      `${a.flags.includes("create") && a.path !== "/" ? `mkdir -p ${quote(a.path)}; ` : ""}cd ${quote(a.path)}`,
  }),
  bounding: define({
    about: "Drops every capability that is not in the mask from the bounding set.",
    places: ["init"],
    args: { mask: number },
    says: () => "drop capabilities from the bounding set",
    shell: (a) => `setpriv --bounding-set=${changes(a.mask)}`,
  }),
  credentials: define({
    about:
      "Sets supplementary groups (unless keep_groups), gid and uid (all three of each), keeping the permitted capabilities meanwhile.",
    places: ["stage", "init"],
    args: { uid: number, gid: number, groups: numbers, flags: flags({ keep_groups: 1 }) },
    says: (a) => `become uid ${a.uid}, gid ${a.gid}`,
    shell: (a) => {
      const groups = a.flags.includes("keep_groups")
        ? "--keep-groups"
        : a.groups.length > 0
          ? `--groups=${a.groups.join(",")}`
          : "--clear-groups";
      return `setpriv --reuid=${a.uid} --regid=${a.gid} ${groups}`;
    },
  }),
  capabilities: define({
    about: "Sets the effective, permitted, inheritable and ambient capabilities.",
    places: ["init"],
    args: { effective: number, permitted: number, inheritable: number, ambient: number },
    says: () => "set the capabilities",
    shell: (a) => {
      const ambient = Number(a.ambient) === 0 ? "" : ` --addamb=${prefixed(a.ambient)}`;
      return `capsh --caps=${quote(capabilityText(a))}${ambient}`;
    },
  }),
  no_new_privileges: define({
    about: "prctl(PR_SET_NO_NEW_PRIVS).",
    places: ["init"],
    args: {},
    says: () => "set no_new_privs",
    shell: () => "setpriv --no-new-privs",
  }),
  seccomp: define({
    about:
      "seccomp(SECCOMP_SET_MODE_FILTER) with a classic BPF program: 8 bytes an instruction. SECCOMP_FILTER_FLAG_NEW_LISTENER: the listener is given to the " +
      "other side, which takes it, by a thread that the filter is not on.",
    places: ["init"],
    args: {
      filter: bytes,
      flags: flags({
        SECCOMP_FILTER_FLAG_TSYNC: 1,
        SECCOMP_FILTER_FLAG_LOG: 2,
        SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
        SECCOMP_FILTER_FLAG_NEW_LISTENER: 8,
        SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: 32,
      }),
    },
    says: () => "load the seccomp filter",
    shell: (a) => `setpriv --seccomp-filter=FILTER   # ${a.filter.length / 8} instructions`,
  }),
  find_program: define({
    about:
      "Finds the program in the container as execvp(3) would, with this PATH, cwd and credentials, and remembers it for `exec`. Not found, not " +
      "executable and not a file are failures. add_home: remembers HOME, too, from the container's /etc/passwd by uid.",
    places: ["init"],
    args: { file: text, path: text, uid: number, flags: flags({ add_home: 1 }) },
    says: (a) => `exec: "${show(a.file)}"`,
    shell: (a) => `PATH=${quote(a.path)}; command -v ${quote(a.file)}`,
  }),
  await_start: define({
    about: "Waits on the slot `start_socket` for `tsoci start`; failures are reported to it from here on.",
    places: ["init"],
    args: {},
    slots: () => ({ reads: ["start_socket"], empties: ["start_socket"] }),
    says: () => "wait for start",
    shell: () => "# waits for `tsoci start`",
  }),
  exec: define({
    about:
      "Closes every descriptor but 0, 1, 2 and `preserve` more, resets signals, and executes the program found, with the HOME that was remembered. " +
      "On failure says why: interpreter, shebang, architecture.",
    places: ["init"],
    args: { args: list, env: list, preserve: number },
    says: (a) => `exec: "${show(a.args[0] ?? "")}"`,
    shell: (a) => `exec env -i ${[...a.env.map(quote), ...a.args.map(quote)].join(" ")}`,
  }),
};

function limit(value: number | bigint): string {
  return BigInt.asUintN(64, BigInt(value)) === (1n << 64n) - 1n ? "unlimited" : String(value);
}

/** As setpriv(1) takes a set: "-all,+kill,+net_raw". */
function changes(mask: number | bigint): string {
  const names = capabilityNames(mask);
  return names[0] === "all" ? "+all" : ["-all", ...names.map((name) => `+${name}`)].join(",");
}

function prefixed(mask: number | bigint): string {
  const names = capabilityNames(mask);
  return names[0] === "all" ? "all" : names.map((name) => `cap_${name}`).join(",");
}

type Mask = number | bigint;

/** As cap_from_text(3) takes it: a clause for each combination of effective, inheritable and permitted. */
function capabilityText(sets: { effective: Mask; inheritable: Mask; permitted: Mask }): string {
  const letters = { e: BigInt(sets.effective), i: BigInt(sets.inheritable), p: BigInt(sets.permitted) };
  const clauses: string[] = [];
  for (const combination of ["eip", "ep", "ip", "ei", "p", "i", "e"]) {
    const mask = Object.entries(letters).reduce(
      (rest, [letter, set]) => rest & (combination.includes(letter) ? set : ~set),
      (1n << 64n) - 1n,
    );
    if (capabilityNames(mask).length > 0) clauses.push(`${prefixed(mask)}=${combination}`);
  }
  return clauses.length > 0 ? clauses.join(" ") : "=";
}
