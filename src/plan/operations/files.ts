/** Files, sockets and programs of the host, and what people read. */
import { OPEN_FLAGS, SOCKET_TYPES } from "../../kernel/files.ts";
import { bytes, flags, list, mode, number, oneOf, slotArgument, textArgument as text } from "../arguments.ts";
import { define } from "../definition.ts";
import { excerpt, octal, quote, quoteAll, show } from "../shell-words.ts";

export const fileOperations = {
  mkdir: define({
    about:
      "Makes a directory. parents: missing parents too, with the same mode. exist_ok: a directory that is already there is fine. " +
      "owned: a directory that was there must belong to the caller and not be writable by others. optional: EPERM, EACCES and EROFS are ignored.",
    places: ["host"],
    args: { path: text, mode, flags: flags({ parents: 1, exist_ok: 2, owned: 4, optional: 8 }) },
    says: (a) => `mkdir ${show(a.path)}`,
    shell: (a) =>
      `mkdir ${a.flags.includes("parents") ? "-p " : ""}-m ${octal(a.mode)} ${quote(a.path)}${orTrue(a.flags)}`,
  }),
  claim: define({
    about:
      "Makes the directory that stands for a container's id, exactly with this mode; one that exists means that the id is taken.",
    places: ["host"],
    args: { path: text, mode },
    says: (a) => `mkdir ${show(a.path)}`,
    shell: (a) => `mkdir -m ${octal(a.mode)} ${quote(a.path)}`,
  }),
  write: define({
    about:
      "Writes data to a file in one write(2). Without create the file must exist (cgroup and proc files). create: O_CREAT. " +
      "exclusive: O_EXCL. replace: a temporary file beside it is renamed over it. append: O_APPEND. optional: ENOENT, EPERM, EACCES " +
      "and EROFS are ignored. unless_set: does nothing when the file already holds a non-empty line.",
    places: ["host", "undo"],
    args: {
      path: text,
      data: text,
      mode,
      flags: flags({ create: 1, exclusive: 2, replace: 4, append: 8, optional: 16, unless_set: 32 }),
    },
    says: (a) => `write ${show(a.path)}`,
    shell: (a) => {
      const whole = a.flags.includes("create") || a.flags.includes("replace") || a.data === "";
      const command = whole ? `printf %s ${excerpt(a.data)}` : `echo ${excerpt(withoutNewline(a.data))}`;
      return `${command} ${a.flags.includes("append") ? ">>" : ">"} ${quote(a.path)}${orTrue(a.flags)}`;
    },
  }),
  write_descriptor: define({
    about: "Writes data to the open file of a slot in one write(2).",
    places: ["stage", "init"],
    args: { slot: slotArgument, data: text },
    slots: (a) => ({ reads: [a.slot] }),
    says: (a) => `write ${show(a.data)} to ${a.slot}`,
    shell: (a) => `printf %s ${quote(a.data)} >&"$${a.slot}"`,
  }),
  store: define({
    about:
      "Writes bytes to a new file, mode 0600, by way of a temporary file that is renamed: never seen half-written.",
    places: ["host"],
    args: { path: text, data: bytes },
    says: (a) => `write ${show(a.path)}`,
    shell: (a) => `install -m 600 /dev/stdin ${quote(a.path)}   # ${a.data.length} bytes`,
  }),
  remove: define({
    about:
      "Removes a file, with recursive a directory and all below it (never crossing a mount), with directory one by rmdir(2) alone. Missing is fine.",
    places: ["undo"],
    args: { path: text, flags: flags({ recursive: 1, directory: 2 }) },
    says: (a) => `remove ${show(a.path)}`,
    shell: (a) => {
      if (a.flags.includes("directory")) return `rmdir ${quote(a.path)} || true`;
      return `rm ${a.flags.includes("recursive") ? "-rf --one-file-system" : "-f"} ${quote(a.path)}`;
    },
  }),
  chown: define({
    about:
      "Changes the owner of a file, which is not followed when it is a symbolic link. optional: a missing file is fine.",
    places: ["host"],
    args: { path: text, uid: number, gid: number, flags: flags({ optional: 1 }) },
    says: (a) => `chown ${show(a.path)}`,
    shell: (a) => `chown -h ${owner(a.uid, a.gid)} ${quote(a.path)}${orTrue(a.flags)}`,
  }),
  open: define({
    about: "Opens a file of the host into a slot. namespace: the file must be a namespace.",
    places: ["host", "init"],
    args: { into: slotArgument, path: text, open: flags(OPEN_FLAGS), flags: flags({ namespace: 1 }) },
    slots: (a) => ({ fills: [a.into] }),
    says: (a) => `open ${show(a.path)}`,
    shell: (a) => `exec {${a.into}}<${quote(a.path)}`,
  }),
  close: define({
    about: "Closes the descriptor of a slot, if it holds one.",
    places: ["host", "init", "start"],
    args: { slot: slotArgument },
    slots: (a) => ({ empties: [a.slot] }),
    says: (a) => `close ${a.slot}`,
    shell: (a) => `exec {${a.slot}}>&-`,
  }),
  connect: define({
    about: "Connects to a stream socket (AF_UNIX) whose path may be longer than sockaddr_un allows.",
    places: ["host", "start"],
    args: { into: slotArgument, path: text },
    slots: (a) => ({ fills: [a.into] }),
    says: (a) => `connect to ${show(a.path)}`,
    shell: (a) => `socat FD:$${a.into} UNIX-CONNECT:${quote(a.path)} &`,
  }),
  listen: define({
    about: "Makes a socket (AF_UNIX) with the given mode and listens on it.",
    places: ["host", "start"],
    args: { into: slotArgument, path: text, mode, type: oneOf(SOCKET_TYPES) },
    slots: (a) => ({ fills: [a.into] }),
    says: (a) => `listen on ${show(a.path)}`,
    shell: (a) =>
      `socat UNIX-LISTEN:${quote(a.path)},type=${SOCKET_TYPES[a.type]},mode=${octal(a.mode)} FD:$${a.into} &`,
  }),
  send_descriptor: define({
    about:
      "Sends the descriptor of one slot over the socket in another, as exactly one SCM_RIGHTS message with the given payload.",
    places: ["host", "init", "start"],
    args: { socket: slotArgument, descriptor: slotArgument, payload: text },
    slots: (a) => ({ reads: [a.socket, a.descriptor] }),
    says: (a) => `send the descriptor of the ${a.descriptor} to the ${a.socket}`,
    shell: (a) => `# sends {${a.descriptor}} over {${a.socket}}, as ${show(a.payload)}`,
  }),
  print: define({
    about: "Writes text to standard output (1) or standard error (2).",
    places: ["host", "state"],
    args: { descriptor: number, text },
    says: () => "write the result",
    shell: (a) => `printf %s ${quote(a.text)}${Number(a.descriptor) === 2 ? " >&2" : ""}`,
  }),
  warn: define({
    about: "Logs a warning: one line on standard error, or in the log file where one is given.",
    places: ["host", "undo"],
    args: { message: text },
    says: (a) => `warn: ${show(a.message)}`,
    shell: (a) => `echo ${quote(a.message)} >&2`,
  }),
  fail: define({
    about: "Reports an error that the planner found, and exits with the status.",
    places: ["host"],
    args: { message: text, status: number },
    says: () => "report an error",
    shell: (a) => `echo ${quote(a.message)} >&2; exit ${a.status}`,
  }),
  spawn: define({
    about:
      "Runs a program of the host (absolute path, no PATH search; env is its whole environment) and waits for it; fails when it does, " +
      "quoting its standard error. timeout: seconds, 0 for none; then it is killed and has failed. unit: it starts or stops the unit " +
      "that owns the container's cgroup. Where starting failed, that cgroup is somebody else's: undoing touches neither of them.",
    places: ["host", "undo"],
    args: { path: text, args: list, env: list, timeout: number, flags: flags({ optional: 1, unit: 2 }) },
    says: (a) => `run ${quoteAll(a.args.slice(0, SAID))}${a.args.length > SAID ? " …" : ""}`,
    shell: (a) => {
      const limit = Number(a.timeout) > 0 ? `timeout -s KILL ${a.timeout} ` : "";
      return `env -i ${a.env.map((entry) => `${quote(entry)} `).join("")}${limit}${quoteAll([a.path, ...a.args.slice(1)])}${orTrue(a.flags)}`;
    },
  }),
};

/** Of the arguments of a program: enough to tell what it was to do. */
const SAID = 12;

/** chown(2): -1 leaves an id as it is. */
const UNCHANGED = 0xffffffff;

function owner(uid: number | bigint, gid: number | bigint): string {
  return Number(gid) === UNCHANGED ? String(uid) : `${uid}:${gid}`;
}

function orTrue(names: readonly string[]): string {
  return names.includes("optional") ? " || true" : "";
}

/** echo adds one; what is built from slots is one line. */
function withoutNewline(data: Parameters<typeof quote>[0]): Parameters<typeof quote>[0] {
  return typeof data === "string" ? data.replace(/\n$/, "") : data;
}
