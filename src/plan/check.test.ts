/** Each check finds what it is for: a sound plan, broken in one place. */
import { test } from "tap";
import { checkPlan } from "./check.ts";
import type { Operation, Section } from "./operations.ts";
import type { Plan } from "./plan.ts";
import { encode } from "./wire.ts";

const from = "test";
const DIRECTORY = "/run/demo";

const wake = (step: (Operation & { op: "wake" })["step"]): Operation => ({ op: "wake", from, step });
const wait = (step: (Operation & { op: "wait" })["step"]): Operation => ({ op: "wait", from, step });
const give = (slot: (Operation & { op: "give" })["slot"]): Operation => ({ op: "give", from, slot });
const take = (slot: (Operation & { op: "take" })["slot"]): Operation => ({ op: "take", from, slot });
const store = (path: string, plan: Plan): Operation => ({ op: "store", from, path, data: encode(plan) });

const identity = { op: "identity", from, path: `${DIRECTORY}/init`, mode: "load" } as const;
const procfs = { op: "procfs", from } as const;
const status = { op: "status", from, freezer: "", frozen: "", start_socket: `${DIRECTORY}/start` } as const;
const tree = { op: "tree", from, path: "/rootfs", flags: [] } as const;
const exec = { op: "exec", from, args: ["/bin/sh"], env: [], preserve: 0, uid: 0, flags: [] } as const;

const UNDO: readonly Operation[] = [
  identity,
  { op: "kill", from, signal: 9, flags: ["wait", "missing_ok"] },
  { op: "remove", from, path: DIRECTORY, flags: ["recursive"] },
];

const LATER: Plan = {
  failure: "",
  failureStatus: 1,
  sections: {
    start: [identity, status, { op: "start", from, socket: `${DIRECTORY}/start`, directory: DIRECTORY }],
    state: [identity, status, { op: "print", from, descriptor: 1, text: [{ slot: "status" }] }],
    kill: [identity, status, { op: "kill", from, signal: 0, flags: ["slot"] }],
    delete: [{ op: "replay", from, section: "undo", flags: ["every"] }],
    undo: UNDO,
    poststop: [],
  },
};

type Sections = Record<"host" | "stage" | "init" | "undo" | "poststop", readonly Operation[]>;

const SECTIONS: Sections = {
  host: [
    { op: "mkdir", from, path: "/run", mode: 0o700, flags: ["exist_ok"] },
    { op: "claim", from, path: DIRECTORY, mode: 0o711 },
    { op: "on_failure", from, sections: ["undo"] },
    store(`${DIRECTORY}/undo`, { failure: "", failureStatus: 1, sections: { undo: UNDO } }),
    { op: "listen", from, into: "start_socket", path: `${DIRECTORY}/start`, mode: 0o600 },
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
    { op: "find_program", from, file: "sh", path: "/bin" },
    wake("ready"),
    wait("committed"),
    { op: "await_start", from },
    { op: "seccomp", from, filter: new Uint8Array(8), flags: [] },
    exec,
  ],
  undo: UNDO,
  poststop: [],
};

function planOf(change: Partial<Sections>, later: Plan | undefined = LATER): Plan {
  return { failure: "", failureStatus: 1, sections: { ...SECTIONS, ...change }, ...(later ? { later } : {}) };
}

/** The section without its operations of one kind. */
function without(section: keyof Sections, op: Operation["op"]): Partial<Sections> {
  return { [section]: SECTIONS[section].filter((operation) => operation.op !== op) };
}

/** The section with operations put before the first of a kind. */
function before(section: keyof Sections, op: Operation["op"], ...added: readonly Operation[]): Partial<Sections> {
  const index = SECTIONS[section].findIndex((operation) => operation.op === op);
  return { [section]: SECTIONS[section].toSpliced(index, 0, ...added) };
}

function dropStep(section: keyof Sections, op: "wake" | "wait", step: string): Partial<Sections> {
  return { [section]: SECTIONS[section].filter((o) => !(o.op === op && o.step === step)) };
}

test("a sound plan passes", async (t) => {
  t.same(checkPlan(planOf({})), []);
});

const BROKEN: readonly (readonly [string, Partial<Sections>, string])[] = [
  [
    "a wait without its wake",
    dropStep("host", "wake", "placed"),
    "init[2] wait: waits for placed and gets the descriptor tree",
  ],
  ["the last wait without its wake", dropStep("host", "wake", "committed"), "init[17] wait: nobody tells committed"],
  [
    "a wake that nobody waits for",
    dropStep("init", "wait", "committed"),
    "the other side never waits for committed, which the host tells",
  ],
  [
    "a descriptor that nobody takes",
    before("host", "store", give("start_socket")),
    "host[3] give: reads start_socket, which nothing has filled",
  ],
  ["a stage that is not cloned", without("host", "clone"), "stage: is never started"],
  [
    "init may tell something before the stage tells that it is there",
    before("init", "wait", wake("mounted")),
    "host[9] wait: waits for cloned and gets mounted",
  ],
  [
    "a slot that is read too early",
    { host: [{ op: "write", from, path: "/x", data: [{ slot: "pid" }], mode: 0, flags: [] }, ...SECTIONS.host] },
    "host[0] write: reads pid, which nothing has filled",
  ],
  ["no procfs", without("init", "procfs"), "init[3] rootfs: no procfs comes before it"],
  ["a terminal that was not opened", without("init", "terminal"), "init[9] use_terminal: no terminal comes before it"],
  [
    "a socket of the caller that stays open",
    without("init", "close"),
    "init: keeps console_socket while it waits for its start",
  ],
  [
    "an operation of the host in init",
    before("init", "enter_root", { op: "claim", from, path: "/x", mode: 0 }),
    "init[9] claim: belongs into host",
  ],
  ["no reason", before("init", "procfs", { op: "setsid", from: "" }), "init[0] setsid: nothing says what asked for it"],
  [
    "something after exec",
    { init: [...SECTIONS.init, { op: "setsid", from }] },
    "init[20] exec: is not the last operation",
  ],
  [
    "something after the stage's clone",
    { stage: [...SECTIONS.stage, { op: "dumpable", from, value: 0 }] },
    "stage: does not end with the clone of init",
  ],
  [
    "something privileged as the user",
    before("init", "find_program", { op: "hostname", from, name: "x" }),
    "init[15] hostname: comes after init has become the user",
  ],
  ["a path of the host in the container", before("init", "use_terminal", tree), "init[10] tree: comes after enter_root"],
  ["a root that is not entered", without("init", "enter_root"), "init: has a root filesystem and never enters it"],
  [
    "capabilities that stay in the bounding set",
    without("init", "bounding"),
    "init[11] credentials: no bounding comes before it",
  ],
  ["exec with all capabilities", without("init", "capabilities"), "init[19] exec: no capabilities comes before it"],
  [
    "a filter without the right to load it",
    without("init", "no_new_privileges"),
    "init[18] seccomp: as the user it takes no_new_privileges before it",
  ],
  ["init that can be looked into", without("init", "dumpable"), "init[1] wait: comes before init is undumpable"],
  [
    "an effect before the claim",
    { host: [{ op: "listen", from, into: "start_socket", path: "/x", mode: 0 }, ...SECTIONS.host] },
    "host[0] listen: comes before claim",
  ],
  [
    "an effect before the undo is recorded",
    before("host", "on_failure", { op: "listen", from, into: "start_socket", path: "/x", mode: 0 }),
    "host: claim is not followed by on_failure with undo",
  ],
  [
    "another undo than the one recorded",
    { undo: [identity, ...UNDO] },
    "host: on_failure is not followed by the store of undo",
  ],
  [
    "an undo that keeps the directory",
    { undo: UNDO.slice(0, 2) },
    "undo: does not end with the removal of what claim made",
  ],
  [
    "an undo that can't run twice",
    { undo: [identity, { op: "kill", from, signal: 9, flags: [] }, ...UNDO.slice(2)] },
    "undo[1] kill: fails the second time",
  ],
  ["an undo that leaves init alone", { undo: UNDO.slice(2) }, "undo: does not kill init"],
  ["effects without an undo", without("host", "claim"), "host[2] store: lasts, and no undo is recorded"],
  ["a clone that nothing undoes", without("host", "on_failure"), "host[5] clone: nothing undoes it"],
  [
    "commands stored too late",
    { host: [...SECTIONS.host.toSpliced(15, 1), SECTIONS.host[15] as Operation] },
    "host: init is committed before the later commands are stored",
  ],
  ["a later command among the own ones", { state: [] } as Partial<Sections>, "state: belongs into the later plan"],
  [
    "too many pieces",
    before("init", "procfs", { op: "write_proc", from, path: Array(257).fill("x"), data: "" }),
    "init[0] write_proc: path has 257 pieces, more than 256",
  ],
];

for (const [name, change, problem] of BROKEN) {
  test(name, async (t) => {
    const problems = checkPlan(planOf(change));
    t.ok(problems.includes(problem), `${problem}\nbut got:\n${problems.join("\n")}`);
  });
}

test("what later commands do is checked too", async (t) => {
  const broken = (section: Section, operations: readonly Operation[]): Plan => {
    return { ...LATER, sections: { ...LATER.sections, [section]: operations } };
  };
  const problemsOf = (later: Plan) => checkPlan(planOf({}, later));
  t.match(problemsOf(broken("state", [status])), ["host: does not store the later commands"]);
  t.ok(problemsOf(broken("state", [status])).includes("later: state[0] status: reads pid, which nothing has filled"));
  t.ok(problemsOf(broken("start", [])).includes("init: waits for start, and no stored command starts it"));
  t.ok(
    checkPlan({ ...planOf({}), later: undefined as never }).includes(
      "host: claims a container and stores no commands for it",
    ),
  );
});

test("without await_start the runtime waits for the program", async (t) => {
  const init = SECTIONS.init.filter(({ op }) => op !== "await_start");
  t.ok(checkPlan(planOf({ init })).includes("init[19] exec: nobody tells go"));
  t.same(checkPlan(planOf({ init, host: [...SECTIONS.host, { op: "await_exec", from }] })), []);
});

test("two sides that both wait", async (t) => {
  const host: Operation[] = [
    { op: "clone", from, flags: [], into: "init", preserve: 0, cgroup: "" },
    { op: "on_failure", from, sections: ["undo"] },
    wait("ready"),
    wake("placed"),
  ];
  const init: Operation[] = [{ op: "dumpable", from, value: 0 }, wait("placed"), wake("ready")];
  const undo: Operation[] = [{ op: "kill", from, signal: 9, flags: ["missing_ok"] }];
  const problems = checkPlan({ failure: "", failureStatus: 1, sections: { host, init, undo } });
  t.same(problems, ["host[2] wait: nobody tells ready", "init[1] wait: nobody tells placed"]);
});
