/** hooks: what they get on standard input and as environment, and which failures count. */
import { test } from "tap";
import { TsociError } from "../base/errors.ts";
import type { Hook, Hooks } from "../spec/generated/config.ts";
import { hasHooks, planHooks } from "./hooks.ts";
import { contextFor, PROCESS } from "./testing/context.ts";

type Name = keyof Hooks;

const NAMES: readonly Name[] = [
  "prestart",
  "createRuntime",
  "createContainer",
  "startContainer",
  "poststart",
  "poststop",
];
const HOOK: Hook = { path: "/bin/hook" };

function planned(name: Name, hook: Hook = HOOK) {
  const context = contextFor({ hooks: { [name]: [hook] }, process: { ...PROCESS, env: ["IN=container"] } });
  const [operation] = planHooks(context, name);
  if (operation?.op !== "hook") throw new TsociError("plan", "no hook was planned");
  return operation;
}

const STATUS: Readonly<Record<Name, readonly [status: string, pid: unknown]>> = {
  prestart: ["created", { slot: "pid" }],
  createRuntime: ["created", { slot: "pid" }],
  createContainer: ["created", { slot: "own_pid" }],
  startContainer: ["created", { slot: "own_pid" }],
  poststart: ["running", { slot: "pid" }],
  poststop: ["stopped", 0],
};

for (const name of NAMES) {
  test(`the state that ${name} hooks see (runtime.md, State)`, async (t) => {
    const [status, pid] = STATUS[name];
    const { stdin } = planned(name);
    const pieces = typeof stdin === "string" ? [stdin] : stdin;
    const slots = pieces.filter((piece) => typeof piece === "object");
    t.same(slots, pid === 0 ? [] : [pid]);
    const json = pieces.map((piece) => (typeof piece === "string" ? piece : "4711")).join("");
    t.same(JSON.parse(json), {
      ociVersion: "1.3.0",
      id: "demo",
      status,
      pid: pid === 0 ? 0 : 4711,
      bundle: "/bundle",
    });
  });
}

test("annotations are part of the state, whatever they hold", async (t) => {
  const annotations = { 'a"b': "\n{}", pid: '"pid"' };
  const context = contextFor({ annotations, hooks: { poststop: [HOOK] } });
  const [operation] = planHooks(context, "poststop");
  t.same(JSON.parse(String((operation as { stdin?: unknown }).stdin)).annotations, annotations);
});

test("an environment of its own, that of the container, or that of the runtime", async (t) => {
  t.match(planned("createRuntime", { ...HOOK, env: ["A=b"] }), { env: ["A=b"], flags: [] });
  t.match(planned("createRuntime", { ...HOOK, env: [] }), { env: [], flags: [] });
  t.match(planned("createRuntime"), { env: [], flags: ["inherit_env"] });
  t.match(planned("startContainer"), { env: ["IN=container"], flags: [] });
});

test("failures of poststop hooks are warnings (runtime.md, Lifecycle, step 13)", async (t) => {
  for (const name of NAMES) t.equal(planned(name).flags.includes("warn"), name === "poststop", name);
});

test("names, arguments and timeouts", async (t) => {
  const hooks = { prestart: [HOOK, { path: "/h", args: ["h", "-x"], timeout: 9 }] };
  t.match(planHooks(contextFor({ hooks }), "prestart"), [
    { from: "/hooks/prestart/0", name: "hooks.prestart[0]", path: "/bin/hook", args: [], timeout: 0 },
    { from: "/hooks/prestart/1", name: "hooks.prestart[1]", path: "/h", args: ["h", "-x"], timeout: 9 },
  ]);
  t.ok(hasHooks(contextFor({ hooks }), "poststop", "prestart"));
  t.notOk(hasHooks(contextFor({ hooks: { prestart: [] } }), "prestart"));
});
