/** process: environment, search path, and what init does in which order. */
import { test } from "tap";
import type { Process } from "../spec/generated/config.ts";
import { environment, type ProcessContext, planProcess, userOf } from "./process.ts";
import { contextFor, PROCESS } from "./testing/context.ts";

function plan(part: Partial<Process>, more: Partial<ProcessContext> = {}) {
  return planProcess({
    process: { ...PROCESS, ...part },
    base: "/process",
    exact: () => undefined,
    facts: contextFor({}).facts,
    linux: {},
    annotations: undefined,
    arch: "x64",
    userNamespace: false,
    groups: "set",
    preserveFds: 0,
    listenFds: 0,
    notify: false,
    umask: 0o27,
    ...more,
  });
}

const names = (operations: readonly { readonly op: string }[]) => operations.map(({ op }) => op);

const ENVIRONMENTS: readonly (readonly [readonly string[] | undefined, number, readonly string[], boolean])[] = [
  [undefined, 0, [], true],
  [["A=1", "HOME=/x"], 0, ["A=1", "HOME=/x"], false],
  // Of duplicates the last one wins, in the place of the first.
  [["A=1", "B=2", "A=3"], 0, ["A=3", "B=2"], true],
  [["A=1=2", "B="], 0, ["A=1=2", "B="], true],
  [["A=1"], 2, ["A=1", "LISTEN_FDS=2", "LISTEN_PID=1"], true],
  [["LISTEN_FDS=7"], 1, ["LISTEN_FDS=1", "LISTEN_PID=1"], true],
];

test("the environment", async (t) => {
  for (const [env, listenFds, expected, addHome] of ENVIRONMENTS) {
    const process = env ? { ...PROCESS, env } : PROCESS;
    t.same(
      environment(process, { listenFds, notify: false }),
      { env: expected, addHome },
      JSON.stringify([env, listenFds]),
    );
  }
});

test("NOTIFY_SOCKET is the container's own", async (t) => {
  const process = { ...PROCESS, env: ["NOTIFY_SOCKET=/run/systemd/notify", "HOME=/"] };
  const env = ["NOTIFY_SOCKET=/run/notify/notify.sock", "HOME=/"];
  t.same(environment(process, { listenFds: 0, notify: true }), { env, addHome: false });
});

test("the program is looked for in its own PATH", async (t) => {
  const file = (part: Partial<Process>) => plan(part).prepare.find(({ op }) => op === "find_program");
  t.match(file({ env: ["PATH=/a:/b"], args: ["x", "y"] }), { file: "x", path: "/a:/b" });
  t.match(file({}), { path: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" });
  t.match(file({ env: ["PATH="] }), { path: "" });
});

test("users", async (t) => {
  t.same(userOf(PROCESS), { uid: 0, gid: 0 });
  const { prepare } = plan({ user: { uid: 1, gid: 2, additionalGids: [3], umask: 0o77 } });
  t.match(
    prepare.find(({ op }) => op === "credentials"),
    { uid: 1, gid: 2, groups: [3], flags: [] },
  );
  t.match(
    prepare.find(({ op }) => op === "umask"),
    { mask: 0o77 },
  );
  t.match(
    plan({}).prepare.find(({ op }) => op === "umask"),
    { mask: 0o27 },
    "the caller's, where config.json has none",
  );
});

test("groups that can't be set are refused, not forgotten", async (t) => {
  const user = { uid: 0, gid: 0, additionalGids: [5] };
  t.throws(() => plan({ user }, { groups: "denied" }), { code: "host", pointer: "/process/user/additionalGids" });
  t.match(
    plan({}, { groups: "denied" }).prepare.find(({ op }) => op === "credentials"),
    { flags: ["keep_groups"] },
  );
  t.match(
    plan({ user }, { groups: "kept" }).prepare.find(({ op }) => op === "credentials"),
    { groups: [], flags: ["keep_groups"] },
    "the caller's, as asked for",
  );
});

const SECCOMP = { defaultAction: "SCMP_ACT_ALLOW" } as const;

test("the order without no_new_privs: init keeps what loading the filter takes, until it is loaded", async (t) => {
  const capabilities = { bounding: ["CAP_KILL"], effective: ["CAP_KILL"], permitted: ["CAP_KILL"] } as const;
  const { prepare, execute } = plan({ capabilities }, { linux: { seccomp: SECCOMP } });
  t.same(names(prepare), [
    "own_stdio",
    "umask",
    "working_directory",
    "bounding",
    "credentials",
    "capabilities",
    "working_directory",
    "find_program",
  ]);
  t.same(names(execute), ["seccomp", "capabilities", "exec"]);
  const [meanwhile, last] = [prepare, execute].map((part) => part.find(({ op }) => op === "capabilities"));
  t.match(meanwhile, { effective: 0x200020n, permitted: 0x200020n, inheritable: 0n, ambient: 0n });
  t.match(last, { effective: 0x20n, permitted: 0x20n, inheritable: 0n, ambient: 0n });
});

test("a process that has CAP_SYS_ADMIN anyway sets its capabilities once", async (t) => {
  const admin = ["CAP_SYS_ADMIN"] as const;
  const { prepare, execute } = plan(
    { capabilities: { effective: admin, permitted: admin } },
    { linux: { seccomp: SECCOMP } },
  );
  t.ok(names(prepare).includes("capabilities"));
  t.same(names(execute), ["seccomp", "exec"]);
});

test("the order with no_new_privs: the filter comes last, so that it need not allow what init does", async (t) => {
  const rlimits = [{ type: "RLIMIT_NOFILE", soft: 3, hard: 9 }] as const;
  const { prepare, execute } = plan(
    { noNewPrivileges: true, terminal: true, rlimits },
    { linux: { seccomp: SECCOMP } },
  );
  t.same(names(prepare), [
    "use_terminal",
    "umask",
    "working_directory",
    "bounding",
    "credentials",
    "capabilities",
    "working_directory",
    "no_new_privileges",
    "find_program",
  ]);
  t.same(names(execute), ["rlimit", "seccomp", "exec"]);
});

test("capabilities: those of the host's bounding set, or all of a user namespace", async (t) => {
  const facts = contextFor({}).facts;
  const poor = { ...facts, host: { ...facts.host, bounding: "1" } };
  const capabilities = { bounding: ["CAP_CHOWN", "CAP_KILL"] } as const;
  const mask = (more: Partial<ProcessContext>) => {
    return plan({ capabilities }, { facts: poor, ...more }).prepare.find(({ op }) => op === "bounding");
  };
  t.match(mask({}), { mask: 1n });
  t.match(mask({ userNamespace: true }), { mask: 0x21n });
  t.equal(plan({ capabilities }, { facts: poor }).warnings.length, 1);
});

test("what takes privileges: by init before they go, in a user namespace by the runtime", async (t) => {
  const part = {
    scheduler: { policy: "SCHED_OTHER", nice: -5 },
    ioPriority: { class: "IOPRIO_CLASS_RT", priority: 1 },
  } as const;
  const linux = { personality: { domain: "LINUX32" }, memoryPolicy: { mode: "MPOL_BIND", nodes: "0-1" } } as const;
  const before = (more: Partial<ProcessContext>) => {
    const all = names(plan(part, { linux: { ...linux, seccomp: SECCOMP }, ...more }).prepare);
    return all.slice(all.indexOf("working_directory") + 1, all.indexOf("bounding"));
  };
  t.same(before({}), ["scheduler", "io_priority", "memory_policy", "personality"]);
  t.same(before({ userNamespace: true }), ["memory_policy", "personality"]);
});
