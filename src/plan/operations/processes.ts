/** Processes, their namespaces, and how they wait for one another. */
import { CLONE_FLAGS } from "../../kernel/namespaces.ts";
import { flags, list, number, oneOf, slotArgument, textArgument as text } from "../arguments.ts";
import { define } from "../definition.ts";
import { SECTIONS, STEPS, type Step } from "../sections.ts";
import { namespaceOptions, namespaces, quote, quoteAll, show } from "../shell-words.ts";

/** What a side waits for, in the words of a message. */
const MEETINGS: Readonly<Record<Step, string>> = {
  unshared: "the user namespace",
  mapped: "the id maps",
  cloned: "the start of init",
  placed: "the cgroups",
  mounted: "the mounts of the container",
  hooked: "the hooks of the runtime",
  ready: "the setup of the container",
  committed: "the record of the container",
};

export const processOperations = {
  on_failure: define({
    about: "From here on, a failure replays these sections of the plan before it is reported.",
    places: ["host", "start"],
    args: { sections: flags({ undo: 1, poststop: 2, abandon: 4 }) },
    says: () => "remember how to undo",
    shell: (a) => `trap ${a.sections.length > 0 ? quote(a.sections.join("; ")) : "-"} ERR`,
  }),
  clone: define({
    about:
      "host: clones a child that executes a sealed in-memory copy of the executor, as the stage or as init (whose pid it then stores). " +
      "stage: clones init as its own sibling (CLONE_PARENT) and exits. The flags are the new namespaces. preserve: so many descriptors after " +
      'standard error must be open and are handed on. cgroup: the child starts in this cgroup of v2 ("": in the runtime\'s).',
    places: ["host", "stage"],
    args: {
      flags: flags(CLONE_FLAGS),
      into: oneOf({ stage: SECTIONS.stage, init: SECTIONS.init }),
      preserve: number,
      cgroup: text,
    },
    // init that a stage clones is known to the host by the step `cloned`.
    slots: (a, section) => (section === "host" ? { fills: [a.into === "init" ? "pid" : "stage"] } : {}),
    says: (a) => `start ${a.into === "init" ? "init" : "the intermediate process"}${inNew(namespaces(a.flags))}`,
    shell: (a) => {
      const command = a.flags.length > 0 ? `unshare --fork${namespaceOptions(a.flags)} ${a.into}` : a.into;
      return `${command} & ${a.into === "init" ? "pid" : "stage"}=$!`;
    },
  }),
  enter_directory: define({
    about: "Changes the working directory of the runtime.",
    places: ["host"],
    args: { path: text },
    says: (a) => `chdir to ${show(a.path)}`,
    shell: (a) => `cd ${quote(a.path)}`,
  }),
  identity: define({
    about:
      "save: reads the start time of the slot `pid` and stores both in the file. load: reads them back; a missing file leaves both 0.",
    places: ["host", "undo", "start", "state", "kill", "kill_all", "pause", "resume", "delete"],
    args: { path: text, mode: oneOf({ save: 1, load: 2 }) },
    slots: (a) => (a.mode === "save" ? { reads: ["pid"], fills: ["start_time"] } : { fills: ["pid", "start_time"] }),
    says: (a) => `${a.mode} the identity of init in ${show(a.path)}`,
    shell: (a) =>
      a.mode === "save"
        ? `cut -d' ' -f1,22 /proc/$pid/stat > ${quote(a.path)}`
        : `read -r pid start_time < ${quote(a.path)}`,
  }),
  find_process: define({
    about:
      "Opens a pidfd of a process into a slot, after which its start time must still be this one: a recycled pid is never touched.",
    places: ["host"],
    args: { into: slotArgument, pid: number, start_time: number },
    slots: (a) => ({ fills: [a.into] }),
    says: (a) => `find process ${a.pid}`,
    shell: (a) => `${a.into}=${a.pid}; test "$(cut -d' ' -f22 /proc/${a.pid}/stat)" = ${a.start_time}`,
  }),
  pidfd: define({
    about: "Opens a pidfd of the slot `pid`, a child that has not been waited for.",
    places: ["host"],
    args: { into: slotArgument },
    slots: (a) => ({ reads: ["pid"], fills: [a.into] }),
    says: () => "open a pidfd of the process (Linux 5.3)",
    shell: (a) => `# {${a.into}}: pidfd_open($pid)`,
  }),
  unshare: define({
    about: "unshare(2).",
    places: ["stage", "init"],
    args: { flags: flags(CLONE_FLAGS) },
    says: (a) => `make${inNew(namespaces(a.flags)).replace(/^ in/, "")}`,
    shell: (a) => `unshare${namespaceOptions(a.flags)}`,
  }),
  setns: define({
    about:
      "Joins the namespace(s) of a slot, which must be of the given types. first_try: EPERM is remembered instead of reported, and " +
      "second_try joins only what the first try could not (namespaces owned by the host and by the new user namespace mix).",
    places: ["stage", "init"],
    args: { slot: slotArgument, types: flags(CLONE_FLAGS), flags: flags({ first_try: 1, second_try: 2 }) },
    slots: (a) => ({ reads: [a.slot] }),
    says: (a) => `join the ${enumerate(namespaces(a.types))}`,
    shell: (a) => {
      const ignored = a.flags.includes("first_try") ? " || true" : "";
      return a.slot === "container"
        ? `nsenter --target $container${namespaceOptions(a.types)}`
        : `nsenter${namespaceOptions(a.types, `=/dev/fd/$${a.slot}`)}${ignored}`;
    },
  }),
  enter_time: define({
    about:
      "Writes /proc/self/timens_offsets through the private procfs (empty: nothing to write) and enters the new time namespace.",
    places: ["init"],
    args: { offsets: text },
    slots: () => ({ reads: ["procfs"] }),
    says: () => "enter the time namespace",
    shell: (a) => {
      const enter = "nsenter --time=/proc/self/ns/time_for_children";
      return a.offsets === "" ? enter : `printf %s ${quote(a.offsets)} > /proc/self/timens_offsets; ${enter}`;
    },
  }),
  wake: define({
    about: "Tells the other side that a step is done.",
    places: ["host", "stage", "init"],
    args: { step: oneOf(STEPS) },
    says: (a) => `report ${MEETINGS[a.step]}`,
    shell: (a) => `# tells the other side: ${a.step}`,
  }),
  wait: define({
    about: "Waits until the other side tells that a step is done. End of file or a report of failure ends the plan.",
    places: ["host", "stage", "init"],
    args: { step: oneOf(STEPS) },
    slots: (a) => (a.step === "cloned" ? { reads: ["stage"], fills: ["pid"], empties: ["stage"] } : {}),
    says: (a) => `wait for ${MEETINGS[a.step]}`,
    shell: (a) => `# waits for the other side: ${a.step}`,
  }),
  give: define({
    about: "Hands the descriptor of a slot to the other side, which takes it.",
    places: ["host", "init"],
    args: { slot: slotArgument },
    slots: (a) => ({ reads: [a.slot] }),
    says: (a) => `hand over the ${a.slot}`,
    shell: (a) => `# hands over {${a.slot}}`,
  }),
  take: define({
    about: "Receives the descriptor of a slot that the other side gives.",
    places: ["host", "init", "start"],
    args: { slot: slotArgument },
    slots: (a) => ({ fills: [a.slot] }),
    says: (a) => `receive the ${a.slot}`,
    shell: (a) => `# receives {${a.slot}}`,
  }),
  hook: define({
    about:
      'Runs a hook with the state on its standard input and waits for it. name: "hooks.createRuntime[0]", for messages. timeout: seconds, ' +
      "0 for none; then the hook is killed and has failed. env is used as it is; inherit_env: the runtime's own. warn: a failure is only a warning.",
    places: ["host", "init", "poststop", "start"],
    args: {
      name: text,
      path: text,
      args: list,
      env: list,
      timeout: number,
      stdin: text,
      flags: flags({ inherit_env: 1, warn: 2 }),
    },
    says: (a) => `run hook ${quoteAll([a.path, ...a.args.slice(1)])}`,
    shell: (a) => {
      const limit = Number(a.timeout) > 0 ? `timeout -s KILL ${a.timeout} ` : "";
      const environment = a.flags.includes("inherit_env")
        ? ""
        : `env -i ${a.env.map((entry) => `${quote(entry)} `).join("")}`;
      const ignored = a.flags.includes("warn") ? " || true" : "";
      return `echo "$state" | ${limit}${environment}${quoteAll([a.path, ...a.args.slice(1)])}${ignored}`;
    },
  }),
  await_exec: define({
    about: "Waits until init has executed the user's program; reports why it could not.",
    places: ["host"],
    args: {},
    slots: () => ({ reads: ["pid"] }),
    says: () => "execute the program",
    shell: () => "# waits until the program runs",
  }),
  await_ready: define({
    about:
      "Waits for a message READY=1 in the slot `notify` and passes it on to the socket that NOTIFY_SOCKET names, with the slot `pid` as MAINPID; or " +
      "until the process has ended. Without NOTIFY_SOCKET in the environment it does nothing.",
    places: ["host", "start"],
    args: {},
    slots: () => ({ reads: ["notify", "pid"], empties: ["notify"] }),
    says: () => "wait until the container is ready",
    shell: () => "systemd-notify --ready   # when the container says so",
  }),
  foreground: define({
    about:
      "Waits for the slot `pid` to end, forwarding every signal, and readiness from the slot `notify`, where it is filled; with terminal relays standard input and output to the slot `terminal`, in raw " +
      "mode, with its window size. subreaper: adopts orphans meanwhile. The exit status of tsoci becomes the process's (128 + signal).",
    places: ["host"],
    args: { flags: flags({ terminal: 1, subreaper: 2 }) },
    slots: (a) => ({ reads: a.flags.includes("terminal") ? ["pid", "terminal"] : ["pid"] }),
    says: () => "wait for the container",
    shell: (a) => `wait $pid${a.flags.includes("terminal") ? "   # and relays the terminal" : ""}`,
  }),
  out_of_memory: define({
    about:
      "If the awaited process was killed by SIGKILL and the file's line `key` counts more than 0, logs the message as a warning.",
    places: ["host"],
    args: { path: text, key: text, message: text },
    says: () => "look for out-of-memory kills",
    shell: (a) => `grep ${quote(a.key)} ${quote(a.path)}`,
  }),
};

/** "the mount namespace", "the namespaces mount, uts" */
function enumerate(types: readonly string[]): string {
  return types.length === 1 ? `${types[0]} namespace` : `namespaces ${types.join(", ")}`;
}

/** " in a new user namespace", " in new namespaces (mount, uts)" */
function inNew(types: readonly string[]): string {
  if (types.length === 0) return "";
  return types.length === 1 ? ` in a new ${types[0]} namespace` : ` in new namespaces (${types.join(", ")})`;
}
