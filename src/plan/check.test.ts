/** Each check finds what it is for: a sound plan, broken in one place. */
import { test } from "tap";
import { checkPlan } from "./check.ts";
import type { Operation, Section } from "./operations.ts";
import type { Plan } from "./plan.ts";
import {
  before,
  dropStep,
  from,
  give,
  identity,
  LATER,
  planOf,
  SECTIONS,
  type Sections,
  status,
  tree,
  UNDO,
  wait,
  wake,
  without,
} from "./testing/sound-plan.ts";

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
    before("host", "write", give("start_socket")),
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
  [
    "a path of the host in the container",
    before("init", "use_terminal", tree),
    "init[10] tree: comes after enter_root",
  ],
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
    "init[18] seccomp: as the user it takes no_new_privileges or CAP_SYS_ADMIN before it",
  ],
  ["init that can be looked into", without("init", "dumpable"), "init[1] wait: comes before init is undumpable"],
  [
    "an effect before the claim",
    {
      host: [
        { op: "listen", from, into: "start_socket", path: "/x", mode: 0, type: "SOCK_SEQPACKET" },
        ...SECTIONS.host,
      ],
    },
    "host[0] listen: comes before claim",
  ],
  [
    "an effect before the undo is recorded",
    before("host", "on_failure", {
      op: "listen",
      from,
      into: "start_socket",
      path: "/x",
      mode: 0,
      type: "SOCK_SEQPACKET",
    }),
    "host: claim is not followed by on_failure with undo",
  ],
  [
    "another undo than the one recorded",
    { undo: [identity, ...UNDO] },
    "host: on_failure is not followed by the record of undo",
  ],
  [
    "an undo that keeps the directory",
    { undo: UNDO.slice(0, 2) },
    "undo: does not end with the removal of what claim made",
  ],
  [
    "an undo that can't run twice",
    { undo: [identity, { op: "kill", from, signal: 9, freezer: "", thaw: "", flags: [] }, ...UNDO.slice(2)] },
    "undo[1] kill: fails the second time",
  ],
  ["an undo that leaves init alone", { undo: UNDO.slice(2) }, "undo: does not kill init"],
  ["effects without an undo", without("host", "claim"), "host[3] listen: lasts, and no undo is recorded"],
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

test("a listener that nobody takes", async (t) => {
  const init = SECTIONS.init.map((operation) =>
    operation.op === "seccomp" ? { ...operation, flags: ["SECCOMP_FILTER_FLAG_NEW_LISTENER"] as const } : operation,
  );
  const problem = "start[3] start: waits for executing and gets the descriptor seccomp_listener";
  t.ok(checkPlan(planOf({ init })).includes(problem));
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
  const undo: Operation[] = [{ op: "kill", from, signal: 9, freezer: "", thaw: "", flags: ["missing_ok"] }];
  const problems = checkPlan({ failure: "", failureStatus: 1, sections: { host, init, undo } });
  t.same(problems, ["host[2] wait: nobody tells ready", "init[1] wait: nobody tells placed"]);
});
