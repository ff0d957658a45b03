/** The life of a container: in which state it is, starting it, signalling it, carrying out what was stored. */
import { flags, list, number, oneOf, textArgument as text } from "../arguments.ts";
import { define } from "../definition.ts";
import { SECTIONS, STATUS } from "../sections.ts";
import { quote, quoteAll, show } from "../shell-words.ts";

/** The sections that are stored for later commands. */
const STORED = {
  start: SECTIONS.start,
  state: SECTIONS.state,
  kill: SECTIONS.kill,
  kill_all: SECTIONS.kill_all,
  pause: SECTIONS.pause,
  resume: SECTIONS.resume,
  delete: SECTIONS.delete,
} as const;

export const containerOperations = {
  status: define({
    about:
      "Fills the slot `status` (and sets `pid` to 0 when stopped): stopped when the pid is gone, is a zombie or has another start time; " +
      "paused when the file `freezer` contains the text `frozen`; created while `start_socket` exists; else running.",
    places: ["start", "state", "kill", "kill_all", "pause", "resume", "delete"],
    args: { freezer: text, frozen: text, start_socket: text },
    slots: () => ({ reads: ["pid", "start_time"], fills: ["status"] }),
    says: () => "find out the status",
    shell: (a) => {
      const freezer = a.freezer === "" ? "" : `grep ${quote(a.frozen)} ${quote(a.freezer)}; `;
      return `ps -o stat= $pid; ${freezer}test -e ${quote(a.start_socket)}`;
    },
  }),
  refuse: define({
    about: "Fails with the message when the status is one of these. unless_force: not when the command has --force.",
    places: ["start", "kill", "pause", "resume", "delete"],
    args: { when: flags(STATUS), message: text, flags: flags({ unless_force: 1 }) },
    slots: () => ({ reads: ["status"] }),
    says: () => "check the status",
    shell: (a) => `case $status in ${a.when.join("|")}) echo ${quote(a.message)} >&2; exit 1;; esac`,
  }),
  meet_init: define({
    about:
      "Locks the directory (fails when another start holds the lock), and connects to the socket where init waits: it is the other side from here on, and " +
      "goes on.",
    places: ["start"],
    args: { socket: text, directory: text },
    slots: () => ({ fills: ["start_lock"] }),
    says: () => "start the program",
    shell: (a) =>
      `exec {start_lock}<${quote(a.directory)}; flock --nonblock $start_lock; # connects to ${quote(a.socket)}`,
  }),
  start: define({
    about:
      "Removes the socket when init is about to execute the program, and returns when that runs; or reports init's failure. Gives the lock back.",
    places: ["start"],
    args: { socket: text },
    slots: () => ({ reads: ["start_lock"], empties: ["start_lock"] }),
    says: () => "start the program",
    shell: (a) => `rm ${quote(a.socket)}   # and tells init to go on`,
  }),
  kill: define({
    about:
      "Sends a signal (number; 0: the slot `signal`) to init, by pidfd after checking its start time. wait: until it is gone. missing_ok: no process is fine. " +
      "thaw: after SIGKILL a frozen process is thawed by writing `thaw` to the file `freezer`, if there is one: until then it can't end.",
    places: ["undo", "abandon", "kill", "kill_all"],
    args: { signal: number, freezer: text, thaw: text, flags: flags({ wait: 1, missing_ok: 2, slot: 4 }) },
    // missing_ok: a pid that is not known is a process that is not there.
    slots: (a) => ({
      reads: [
        ...(a.flags.includes("slot") ? (["signal"] as const) : []),
        ...(a.flags.includes("missing_ok") ? [] : (["pid", "start_time"] as const)),
      ],
    }),
    says: () => "unable to signal init",
    shell: (a) => {
      const wait = a.flags.includes("wait") ? "; tail --pid=$pid -f /dev/null" : "";
      return `kill -${a.flags.includes("slot") ? "$signal" : a.signal} $pid${wait}`;
    },
  }),
  kill_cgroup: define({
    about:
      "Sends SIGKILL to every process in a cgroup and below it until none is left (cgroup.kill where there is one). A missing cgroup is fine. " +
      "if_signal_is_kill: only when the slot `signal` is SIGKILL. thaw: a frozen cgroup is thawed by writing `thaw` to the file `freezer` after the signal.",
    places: ["undo", "kill", "kill_all"],
    args: { path: text, freezer: text, thaw: text, flags: flags({ if_signal_is_kill: 1 }) },
    slots: (a) => ({ reads: a.flags.includes("if_signal_is_kill") ? ["signal"] : [] }),
    says: (a) => `unable to kill all processes of ${show(a.path)}`,
    shell: (a) => {
      const condition = a.flags.includes("if_signal_is_kill") ? "test $signal = 9 && " : "";
      return `${condition}kill -9 $(cat ${quote(a.path)}/cgroup.procs)`;
    },
  }),
  signal_cgroup: define({
    about:
      "Sends the slot `signal`, unless it is SIGKILL, to every process in a cgroup and below it, which are frozen meanwhile (as by `freeze`, where there " +
      "is a freezer and the status is not paused). A missing cgroup is fine.",
    places: ["kill_all"],
    args: { path: text, freezer: text, freeze: text, settled: text, frozen: text, thaw: text },
    slots: () => ({ reads: ["signal", "status"] }),
    says: (a) => `unable to signal all processes of ${show(a.path)}`,
    shell: (a) => `kill -$signal $(cat ${quote(a.path)}/cgroup.procs)`,
  }),
  freeze: define({
    about:
      "Writes `freeze` to the file `freezer` until the file `settled` contains `frozen`: every process of the cgroup has stopped. Where some do not, " +
      "`thaw` is written, and it fails.",
    places: ["pause"],
    args: { freezer: text, freeze: text, settled: text, frozen: text, thaw: text },
    says: (a) => `freeze the processes by ${show(a.freezer)}`,
    shell: (a) =>
      `until grep -q ${quote(a.frozen)} ${quote(a.settled)}; do echo ${quote(a.freeze)} > ${quote(a.freezer)}; done`,
  }),
  thaw: define({
    about: "Writes `thaw` to the file `freezer`: the processes of the cgroup go on.",
    places: ["resume"],
    args: { freezer: text, thaw: text },
    says: (a) => `thaw the processes by ${show(a.freezer)}`,
    shell: (a) => `echo ${quote(a.thaw)} > ${quote(a.freezer)}`,
  }),
  events: define({
    about:
      "Watches a container until its init (the slot `container`) ends. Every `interval` milliseconds it asks the planner the `question`, a command line of " +
      "tsoci from the program's name on, and carries out the plan. Prints `event` when memory ran out: v2 modifies the `file` then, and the counter `key` in " +
      "it has grown; v1 tells an eventfd that is registered in the file `control`. An empty `file`: nothing tells.",
    places: ["host"],
    args: { file: text, control: text, key: text, event: text, interval: number, question: list },
    slots: () => ({ reads: ["container"] }),
    says: () => "watch the container",
    shell: (a) =>
      `while sleep ${Number(a.interval) / 1000}; do ${quoteAll(a.question)}; done & inotifywait -m ${quote(a.file)}; wait $container`,
  }),
  stored: define({
    about:
      "Carries out what `create` stored for a later command, below the state root of this command line. force: --force. " +
      "warn: a failure is only a warning.",
    places: ["host"],
    args: { command: oneOf(STORED), id: text, signal: number, flags: flags({ force: 1, warn: 2 }) },
    says: (a) => `${a.command.replace("_all", "")} ${show(a.id)}`,
    shell: (a) => {
      const options = a.flags.includes("force") ? " --force" : "";
      if (a.command !== "kill" && a.command !== "kill_all") return `tsoci ${a.command}${options} ${quote(a.id)}`;
      return `tsoci ${a.command.replace("_", " --")}${options} ${quote(a.id)} ${a.signal}`;
    },
  }),
  replay: define({
    about:
      "Runs another section of the plan. every: goes on after a failing operation and reports the first failure at the end.",
    places: ["host", "delete"],
    args: { section: oneOf({ undo: SECTIONS.undo, poststop: SECTIONS.poststop }), flags: flags({ every: 1 }) },
    says: (a) => (a.section === "undo" ? "take back what create did" : "run the poststop hooks"),
    shell: (a) => a.section,
  }),
};
