/** `run`: the runtime stays, forwards signals, and exits as the container does. */
import { readFileSync } from "node:fs";
import {
  type Box,
  baseConfig,
  type Container,
  type Dialogue,
  dialogue,
  e2e,
  isAlive,
  namespaces,
  nothingLeft,
  patiently,
  refused,
  script,
  sleeper,
  succeeded,
} from "../harness.ts";

e2e("the exit status is the container's", async (t, box) => {
  for (const [text, code] of [
    ["exit 0", 0],
    ["exit 7", 7],
    ["exit 255", 255],
    ["kill -KILL $$", 137],
    ["kill -TERM $$", 143],
  ] as const) {
    // init of a pid namespace ignores what it does not handle, so a container without one.
    const c = box.container(script(text, { hostname: undefined, ...namespaces("mount") }));
    const outcome = await c.run();
    t.strictSame([outcome.code, outcome.stderr], [code, ""], text);
  }
  await nothingLeft(t, box);
});

e2e("output and input are the caller's", async (t, box) => {
  const c = box.container(script("read line; echo got $line; echo oops >&2; cat"));
  const { code, stdout, stderr } = await c.run([], { input: "first\nsecond\nthird" });
  t.strictSame({ code, stdout, stderr }, { code: 0, stdout: "got first\nsecond\nthird", stderr: "oops\n" });
});

e2e("megabytes go through", async (t, box) => {
  const c = box.container(script("cat"));
  const input = "0123456789abcde\n".repeat(1 << 18);
  const { stdout } = await c.run([], { input });
  t.ok(stdout === input, `${stdout.length} of ${input.length} bytes`);
});

/** A foreground container, once it is ready. */
async function foreground(box: Box, c: Container): Promise<Dialogue> {
  const runtime = dialogue(box.engine.tsoci, ["--root", box.root, "run", "-b", c.bundle, c.id], box);
  await runtime.says("ready");
  return runtime;
}

e2e("signals are forwarded", async (t, box) => {
  const names = ["HUP", "INT", "QUIT", "USR1", "USR2", "ALRM", "CONT", "WINCH"];
  const traps = names.map((name) => `trap 'echo got ${name}' ${name}`).join("; ");
  const c = box.container(script(`${traps}; trap 'exit 5' TERM; echo ready; while :; do sleep 1000 & wait; done`));
  const runtime = await foreground(box, c);
  // SIGWINCH is about a terminal, and there is none.
  for (const name of names.filter((name) => name !== "WINCH")) {
    runtime.signal(`SIG${name}` as NodeJS.Signals);
    await runtime.says(`got ${name}\n`);
  }
  runtime.signal("SIGTERM");
  t.equal(await runtime.ended(), 5);
});

e2e("the container is gone when run returns, and stopped with --keep", async (t, box) => {
  const c = box.container(script("exit 3"));
  t.equal((await c.run(["--keep"])).code, 3);
  t.match(await c.state(), { status: "stopped", pid: 0 });
  succeeded(t, await c.delete(), "delete");
  t.equal((await c.run()).code, 3);
  await nothingLeft(t, box);
  refused(t, await c.stateOutcome(), "container does not exist", "state");
});

e2e("run --detach returns once the program runs", async (t, box) => {
  const c = box.container(sleeper());
  succeeded(t, await c.run(["--detach", "--pid-file", box.path("pid")]), "run -d");
  const { status, pid } = await c.state();
  t.equal(status, "running");
  t.equal(readFileSync(box.path("pid"), "utf8"), String(pid));
  t.equal(readFileSync(`/proc/${pid}/comm`, "utf8"), "sh\n");
});

e2e("the container outlives its killed foreground runtime", async (t, box) => {
  const c = box.container(script("echo ready; trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"));
  const runtime = await foreground(box, c);
  const { pid } = await c.state();
  runtime.signal("SIGKILL");
  await runtime.ended();
  t.ok(isAlive(pid), "as under runc and crun");
  t.equal(await c.status(), "running");
  succeeded(t, await c.delete(["--force"]), "delete --force");
});

e2e("orphans of the container do not keep run waiting", async (t, box) => {
  const c = box.container(script("sleep 3000 & exit 4"));
  const started = Date.now();
  t.equal((await c.run()).code, 4);
  t.ok(Date.now() - started < patiently(5000));
});

e2e("extra descriptors reach the program when asked for, and no others do", async (t, box) => {
  const list = script("ls /proc/self/fd | tr '\\n' ' '; cat <&3", { process: { noNewPrivileges: false } });
  const c = box.container(list);
  const shell = (flags: string) => ["sh", "-c", `exec 3<<E 9</ "$0" "$@"\nthree\nE\n`.replace('"$@"', `"$@" ${flags}`)];
  const run = (flags: string[]) => c.run(flags, { through: shell("") });
  const { stdout } = await run(["--preserve-fds", "1"]);
  t.equal(stdout, "0 1 2 3 4 three\n", "4 is the directory that ls reads");
  const none = await run([]);
  t.match(none.stdout, /^0 1 2 3 $/);
  refused(
    t,
    await run(["--preserve-fds", "9"]),
    /unable to stat preserved-fd 2 \(of 9\): bad file descriptor$/,
    "too many",
  );
});

e2e("socket activation is for the runtime that LISTEN_PID names", async (t, box) => {
  const c = box.container(script('echo "$LISTEN_FDS|$LISTEN_PID"; ls /proc/self/fd | tr "\\n" " "'));
  const listen = (pid: string) =>
    c.run([], { through: ["sh", "-c", `exec 3</; LISTEN_FDS=1 LISTEN_PID=${pid} exec "$0" "$@"`] });
  t.equal((await listen("$$")).stdout, "1|1\n0 1 2 3 4 ");
  t.equal((await listen("1")).stdout, "|\n0 1 2 3 ");
});

e2e("a program that can't be found is told by create", async (t, box) => {
  const c = box.container(baseConfig({ process: { args: ["nothere"] } }));
  const message = (command: string) =>
    `${command} failed: /process/args/0: exec: "nothere": executable file not found in $PATH`;
  refused(t, await c.create(), message("create"), "create");
  refused(t, await c.run(), message("run"), "run");
  await nothingLeft(t, box);
});
