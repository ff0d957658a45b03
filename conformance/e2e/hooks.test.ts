/** hooks (config.md, runtime.md): when, where and with what they run. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import stateSchema from "../../schemas/state.json" with { type: "json" };
import { append, hook, KINDS, type Kind, log, shared } from "../harness/hooks.ts";
import { baseConfig, type Config, e2e, merge, namespaceOf, patiently, script, succeeded, until } from "../harness.ts";

const isState = new Ajv2020().compile(stateSchema);

e2e("all hooks, in their order, two of each kind", async (t, box) => {
  const hooks = Object.fromEntries(KINDS.map((kind) => [kind, [1, 2].map((n) => hook(append(box, `${kind}${n}`)))]));
  const change = {
    process: {
      args: ["sh", "-c", `${append(box, "program")}; trap 'exit 0' TERM; while :; do sleep 1000 & wait; done`],
    },
  };
  const c = box.container(shared(box, hooks, change));
  const twice = (...kinds: Kind[]) => kinds.flatMap((kind) => [`${kind}1`, `${kind}2`]);
  succeeded(t, await c.create(), "create");
  const created = twice("prestart", "createRuntime", "createContainer");
  t.strictSame(log(box), created);
  succeeded(t, await c.start(), "start");
  await until("the program runs", () => log(box).includes("program"));
  t.strictSame(
    log(box).filter((line) => line !== "program"),
    [...created, ...twice("startContainer", "poststart")],
  );
  t.ok(log(box).indexOf("program") > log(box).indexOf("startContainer2"));
  await c.kill("KILL");
  await c.waitFor("stopped");
  t.notOk(log(box).includes("poststop1"), "not before delete");
  succeeded(t, await c.delete(), "delete");
  t.strictSame(log(box).slice(-2), twice("poststop"));
});

e2e("the state on standard input", async (t, box) => {
  const hooks = Object.fromEntries(KINDS.map((kind) => [kind, [hook(`cat > ${box.path(kind)}`)]]));
  const annotations = { "com.example": 'with "quotes"\n' };
  const c = box.container(shared(box, hooks, { annotations }));
  await c.create();
  const { pid } = await c.state();
  await c.start();
  await c.delete(["--force"]);
  const expected: Record<Kind, [string, number]> = {
    prestart: ["created", pid],
    createRuntime: ["created", pid],
    createContainer: ["created", 1],
    startContainer: ["created", 1],
    poststart: ["running", pid],
    poststop: ["stopped", 0],
  };
  for (const [kind, [status, number]] of Object.entries(expected)) {
    const state = JSON.parse(readFileSync(box.path(kind), "utf8"));
    t.ok(isState(state), `${kind}: ${JSON.stringify(isState.errors)}`);
    t.strictSame(state, { ociVersion: "1.3.0", id: c.id, status, pid: number, bundle: c.bundle, annotations }, kind);
  }
});

e2e("the namespaces that hooks run in", async (t, box) => {
  const look = (kind: string) =>
    hook(
      `for n in mnt pid net uts; do readlink /proc/self/ns/$n; done > ${box.path(kind)}; ls / > ${box.path(kind)}-root`,
    );
  const hooks = Object.fromEntries(KINDS.map((kind) => [kind, [look(kind)]]));
  const c = box.container(shared(box, hooks));
  await c.create();
  const pid = await c.pid();
  const files = ["mnt", "pid", "net", "uts"];
  const of = (who: number | "self") => files.map((file) => namespaceOf(who, file));
  const container = of(pid);
  await c.start();
  await c.delete(["--force"]);
  const host = of("self");
  for (const kind of KINDS) {
    const inside = kind === "createContainer" || kind === "startContainer";
    const found = readFileSync(box.path(kind), "utf8").trim().split("\n");
    t.strictSame(found, inside ? container : host, kind);
    const root = readFileSync(`${box.path(kind)}-root`, "utf8").split("\n");
    t.equal(
      root.includes("boot") || root.includes("usr"),
      kind !== "startContainer",
      `${kind}: only startContainer is behind pivot_root`,
    );
  }
});

e2e("the mounts stand when hooks run, and a hook may add one", async (t, box) => {
  const c = box.container(baseConfig());
  const root = c.rootfs;
  const seen = hook(`test -c ${root}/dev/null && mount -t tmpfs from-hook ${root}/tmp && echo x > ${root}/tmp/made`);
  const inNamespace = hook(`p=$(sed 's/.*"pid":\\([0-9]*\\).*/\\1/'); nsenter -t $p -m test -c ${root}/dev/null`);
  const config = script("cat /tmp/made; grep -c from-hook /proc/self/mountinfo", {
    hooks: { createRuntime: [inNamespace], createContainer: [seen] },
  });
  writeFileSync(join(c.bundle, "config.json"), JSON.stringify(config));
  t.match(await c.run(), { code: 0, stdout: "x\n1\n", stderr: "" });
});

e2e("arguments, environment and working directory", async (t, box) => {
  const out = box.path("printed");
  const print = `printf '%s|' "$0" "$@" > ${out}; env | sort >> ${out}; pwd >> ${out}`;
  const run = async (entry: Config, env: Record<string, string>) => {
    const c = box.container(baseConfig({ hooks: { createRuntime: [entry] } }));
    const outcome = await c.run([], { env, cwd: "/" });
    t.equal(outcome.code, 0, outcome.stderr);
    return { text: readFileSync(out, "utf8"), bundle: c.bundle };
  };
  writeFileSync(box.path("hook"), `#!/bin/sh\n${print}\n`, { mode: 0o755 });
  const given = await run(
    { path: box.path("hook"), args: ["anything", "one", "two words"], env: ["A=b", "PATH=/usr/bin:/bin"] },
    { PATH: "/bin", CALLER: "x" },
  );
  t.equal(
    given.text,
    `${box.path("hook")}|one|two words|A=b\nPATH=/usr/bin:/bin\nPWD=${given.bundle}\n${given.bundle}\n`,
  );
  const inherited = await run({ path: box.path("hook") }, { PATH: "/usr/bin:/bin", CALLER: "x" });
  t.match(inherited.text, /\nCALLER=x\n|\|CALLER=x\n/, "without env the caller's");
});

e2e("a hook that never reads its standard input", async (t, box) => {
  const annotations = { large: "x".repeat(200_000) };
  const hooks = Object.fromEntries(KINDS.map((kind) => [kind, [hook("exec 0<&-; sleep 0.05")]]));
  const c = box.container(shared(box, hooks, { annotations }));
  succeeded(t, await c.create(), "create");
  succeeded(t, await c.start(), "start");
  succeeded(t, await c.delete(["--force"]), "delete");
});

e2e("a hook that gets a large state reads all of it", async (t, box) => {
  const annotations = { large: "x".repeat(200_000) };
  const c = box.container(shared(box, { createRuntime: [hook(`cat > ${box.path("state.json")}`)] }, { annotations }));
  succeeded(t, await c.create(), "create");
  t.strictSame(JSON.parse(readFileSync(box.path("state.json"), "utf8")).annotations, annotations);
});

e2e("what hooks print does not reach the caller", async (t, box) => {
  const hooks = Object.fromEntries(KINDS.map((kind) => [kind, [hook("echo out; echo err >&2")]]));
  const c = box.container(shared(box, hooks));
  for (const command of [() => c.create(), () => c.start(), () => c.delete(["--force"])]) {
    t.match(await command(), { code: 0, stdout: "", stderr: "" });
  }
});

e2e("a child that a hook leaves behind keeps nobody waiting", async (t, box) => {
  const c = box.container(shared(box, { createRuntime: [hook(`sleep 60 & echo $! > ${box.path("child")}`)] }));
  const started = Date.now();
  succeeded(t, await c.create(), "create");
  t.ok(Date.now() - started < patiently(5000));
  process.kill(Number(readFileSync(box.path("child"), "utf8")), "SIGKILL");
});

e2e("poststart hooks run though the program has ended already", async (t, box) => {
  const c = box.container(
    merge(shared(box, { poststart: [hook(`cat > ${box.path("poststart")}; ${append(box, "poststart")}`)] }), {
      process: { args: ["true"] },
    }),
  );
  await c.create();
  const pid = await c.pid();
  succeeded(t, await c.start(), "start");
  t.strictSame(log(box), ["poststart"]);
  t.match(JSON.parse(readFileSync(box.path("poststart"), "utf8")), { status: "running", pid });
});
