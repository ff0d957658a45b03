/** For the tests of the checks: a sound plan, and ways to break it. */
import type { Operation } from "../operations.ts";
import type { Plan } from "../plan.ts";
import { writeUndo } from "../undo-file.ts";
import { encode } from "../wire.ts";

export const from = "test";
const DIRECTORY = "/run/demo";

export const wake = (step: (Operation & { op: "wake" })["step"]): Operation => ({ op: "wake", from, step });
export const wait = (step: (Operation & { op: "wait" })["step"]): Operation => ({ op: "wait", from, step });
export const give = (slot: (Operation & { op: "give" })["slot"]): Operation => ({ op: "give", from, slot });
const take = (slot: (Operation & { op: "take" })["slot"]): Operation => ({ op: "take", from, slot });
export const store = (path: string, plan: Plan): Operation => ({ op: "store", from, path, data: encode(plan) });

export const identity = { op: "identity", from, path: `${DIRECTORY}/init`, mode: "load" } as const;
const procfs = { op: "procfs", from } as const;
export const status = { op: "status", from, freezer: "", frozen: "", start_socket: `${DIRECTORY}/start` } as const;
export const tree = { op: "tree", from, path: "/rootfs", flags: [] } as const;
const exec = { op: "exec", from, args: ["/bin/sh"], env: [], preserve: 0, uid: 0, flags: [] } as const;

export const UNDO: readonly Operation[] = [
  identity,
  { op: "kill", from, signal: 9, freezer: "", thaw: "", flags: ["wait", "missing_ok"] },
  { op: "remove", from, path: DIRECTORY, flags: ["recursive"] },
];

export const LATER: Plan = {
  failure: "",
  failureStatus: 1,
  sections: {
    start: [
      identity,
      status,
      { op: "meet_init", from, socket: `${DIRECTORY}/start`, directory: DIRECTORY },
      { op: "start", from, socket: `${DIRECTORY}/start` },
    ],
    state: [identity, status, { op: "print", from, descriptor: 1, text: [{ slot: "status" }] }],
    kill: [identity, status, { op: "kill", from, signal: 0, freezer: "", thaw: "", flags: ["slot"] }],
    kill_all: [identity, status],
    pause: [identity, status],
    resume: [identity, status],
    delete: [{ op: "replay", from, section: "undo", flags: ["every"] }],
    undo: UNDO,
    poststop: [],
  },
};

export type Sections = Record<"host" | "stage" | "init" | "undo" | "poststop", readonly Operation[]>;

export const SECTIONS: Sections = {
  host: [
    { op: "mkdir", from, path: "/run", mode: 0o700, flags: ["exist_ok"] },
    { op: "claim", from, path: DIRECTORY, mode: 0o711 },
    { op: "on_failure", from, sections: ["undo"] },
    { op: "write", from, path: `${DIRECTORY}/undo`, data: writeUndo(UNDO), mode: 0o600, flags: ["create", "replace"] },
    { op: "listen", from, into: "start_socket", path: `${DIRECTORY}/start`, mode: 0o600, type: "SOCK_SEQPACKET" },
    { op: "connect", from, into: "console_socket", path: "/console" },
    { op: "clone", from, flags: [], into: "stage", preserve: 0, cgroup: "" },
    wait("unshared"),
    wake("mapped"),
    wait("cloned"),
    { ...identity, mode: "save" },
    wake("placed"),
    tree,
    give("tree"),
    wait("ready"),
    store(`${DIRECTORY}/commands`, LATER),
    wake("committed"),
  ],
  stage: [wake("unshared"), wait("mapped"), { op: "clone", from, flags: [], into: "init", preserve: 0, cgroup: "" }],
  init: [
    procfs,
    { op: "dumpable", from, value: 0 },
    wait("placed"),
    take("tree"),
    { op: "rootfs", from, path: "/rootfs", flags: [] },
    { op: "terminal", from, height: 0, width: 0, uid: 0, gid: 0, flags: [] },
    { op: "send_descriptor", from, socket: "console_socket", descriptor: "terminal", payload: "/dev/ptmx" },
    { op: "close", from, slot: "console_socket" },
    { op: "close", from, slot: "terminal" },
    { op: "enter_root", from, how: "pivot" },
    { op: "use_terminal", from },
    { op: "bounding", from, mask: 0 },
    { op: "credentials", from, uid: 1, gid: 1, groups: [], flags: [] },
    { op: "capabilities", from, effective: 0, permitted: 0, inheritable: 0, ambient: 0 },
    { op: "no_new_privileges", from },
    { op: "find_program", from, file: "sh", path: "/bin", uid: 1, flags: [] },
    wake("ready"),
    wait("committed"),
    { op: "await_start", from },
    { op: "seccomp", from, filter: new Uint8Array(8), flags: [] },
    exec,
  ],
  undo: UNDO,
  poststop: [],
};

export function planOf(change: Partial<Sections>, later: Plan | undefined = LATER): Plan {
  return { failure: "", failureStatus: 1, sections: { ...SECTIONS, ...change }, ...(later ? { later } : {}) };
}

/** The section without its operations of one kind. */
export function without(section: keyof Sections, op: Operation["op"]): Partial<Sections> {
  return { [section]: SECTIONS[section].filter((operation) => operation.op !== op) };
}

/** The section with operations put before the first of a kind. */
export function before(
  section: keyof Sections,
  op: Operation["op"],
  ...added: readonly Operation[]
): Partial<Sections> {
  const index = SECTIONS[section].findIndex((operation) => operation.op === op);
  return { [section]: SECTIONS[section].toSpliced(index, 0, ...added) };
}

export function dropStep(section: keyof Sections, op: "wake" | "wait", step: string): Partial<Sections> {
  return { [section]: SECTIONS[section].filter((o) => !(o.op === op && o.step === step)) };
}
