/** What failing hooks do (runtime.md, "Lifecycle"). */

import { append, hook, log, shared } from "../harness/hooks.ts";
import {
  type Box,
  baseConfig,
  type Container,
  e2e,
  isAlive,
  merge,
  nothingLeft,
  patiently,
  refused,
  succeeded,
  type Test,
} from "../harness.ts";

const FAIL = hook("echo first line >&2; echo why it failed >&2; exit 3");

/** Everything that the container was is gone. */
async function gone(t: Test, box: Box, c: Container): Promise<void> {
  refused(t, await c.stateOutcome(), "container does not exist", "state");
  await nothingLeft(t, box);
}

for (const kind of ["prestart", "createRuntime", "createContainer"] as const) {
  e2e(`a failing ${kind} hook fails create, and the container is gone`, async (t, box) => {
    const c = box.container(
      shared(box, {
        [kind]: [hook(append(box, "one")), FAIL, hook(append(box, "two"))],
        poststop: [hook(append(box, "poststop"))],
      }),
    );
    const message = new RegExp(
      `^create failed: /hooks/${kind}/1: run hook /bin/sh -c .*: exit status 3 after \\d+ ms; output: first line\\\\nwhy it failed$`,
    );
    refused(t, await c.create(), message, "create");
    t.strictSame(log(box), ["one", "poststop"], "later hooks do not run, poststop hooks do");
    await gone(t, box, c);
    refused(t, await c.run(), new RegExp(`^run failed: /hooks/${kind}/1: `), "run");
    await gone(t, box, c);
  });
}

e2e("a failing startContainer hook fails start", async (t, box) => {
  const c = box.container(shared(box, { startContainer: [FAIL], poststop: [hook(append(box, "poststop"))] }));
  succeeded(t, await c.create(), "create");
  refused(
    t,
    await c.start(),
    /^\/hooks\/startContainer\/0: run hook \/bin\/sh -c .*: exit status 3 after \d+ ms; output: first line\\nwhy it failed$/,
    "start",
  );
  t.equal(await c.status(), "stopped");
  succeeded(t, await c.delete(), "delete");
  t.strictSame(log(box), ["poststop"]);
  refused(t, await c.run(), /^run failed: \/hooks\/startContainer\/0: /, "run");
  await gone(t, box, c);
});

e2e("a failing poststart hook fails start, and ends the container", async (t, box) => {
  const c = box.container(
    shared(box, { poststart: [FAIL, hook(append(box, "second"))], poststop: [hook(append(box, "poststop"))] }),
  );
  await c.create();
  const { pid } = await c.state();
  refused(
    t,
    await c.start(),
    /^\/hooks\/poststart\/0: run hook \/bin\/sh -c .*: exit status 3 after \d+ ms; output: first line\\nwhy it failed$/,
    "start",
  );
  t.notOk(isAlive(pid));
  t.strictSame(log(box), ["poststop"]);
  await gone(t, box, c);
});

e2e("failing poststop hooks are warnings, and the others run", async (t, box) => {
  const c = box.container(shared(box, { poststop: [FAIL, hook(append(box, "second")), FAIL] }));
  await c.run(["-d"]);
  const { code, stderr } = await c.delete(["--force"]);
  t.equal(code, 0);
  t.match(
    stderr,
    /^tsoci: warning: .*hooks\.poststop\[0\].*why it failed\ntsoci: warning: .*hooks\.poststop\[2\][^\n]*\n$/,
  );
  t.strictSame(log(box), ["second"]);
  await gone(t, box, c);
});

e2e("poststop hooks run after run, too", async (t, box) => {
  const c = box.container(
    merge(shared(box, { poststop: [hook(append(box, "poststop"))] }), { process: { args: ["sh", "-c", "exit 4"] } }),
  );
  t.equal((await c.run()).code, 4);
  t.strictSame(log(box), ["poststop"]);
});

e2e("a hook that takes longer than its timeout is killed, and has failed", async (t, box) => {
  const c = box.container(shared(box, { createRuntime: [hook("sleep 1000", { timeout: 1 })] }));
  const started = Date.now();
  refused(
    t,
    await c.create(),
    /^create failed: \/hooks\/createRuntime\/0: run hook .*: timed out after 1 seconds$/,
    "create",
  );
  t.ok(Date.now() - started < patiently(5000));
  t.ok(Date.now() - started >= 1000);
  await gone(t, box, c);
});

e2e("hooks that can't be executed", async (t, box) => {
  const at = (path: string) => box.container(baseConfig({ hooks: { createRuntime: [{ path }] } })).create();
  refused(
    t,
    await at("/no/such/hook"),
    /^create failed: \/hooks\/createRuntime\/0: .*\/no\/such\/hook.*no such file or directory$/,
    "missing",
  );
  refused(t, await at("/etc"), /^create failed: \/hooks\/createRuntime\/0: .*\/etc.*permission denied$/, "a directory");
  refused(t, await at("relative"), /^create failed: \/hooks\/createRuntime\/0\/path: /, "relative");
  await nothingLeft(t, box);
});
