/** process.terminal: through --console-socket, and through a runtime that stays in the foreground. */
import { mkdirSync, symlinkSync } from "node:fs";
import { baseConfig, consoleSocket, dialogue, e2e, mountsOf, program, refused, script, succeeded } from "../harness.ts";

const terminal = (text: string, more = {}) => script(text, { process: { terminal: true, ...more } });

e2e("the terminal goes to the console socket", async (t, box) => {
  const text = "stty size; tty; readlink /proc/self/fd/0; test -t 2 && echo is-a-tty; read x; echo got $x; exit 6";
  const c = box.container(terminal(text, { consoleSize: { height: 33, width: 99 } }));
  const receiver = await consoleSocket(box);
  succeeded(t, await c.create(["--console-socket", receiver.socket]), "create");
  await receiver.says("payload=ok control=ok more=no ended=yes\n");
  succeeded(t, await c.start(), "start");
  await receiver.says(/33 99\r\n\/dev\/pts\/0\r\n\/dev\/pts\/0\r\nis-a-tty\r\n/);
  receiver.type("hello\n");
  await receiver.says("got hello\r\n");
  t.equal(await receiver.ended(), 0);
  await c.waitFor("stopped");
});

e2e("/dev/console is the terminal, bound", async (t, box) => {
  const c = box.container(terminal("ls -ln /dev/console; echo to-console >/dev/console; sleep 1000"));
  const receiver = await consoleSocket(box);
  await c.run(["-d", "--console-socket", receiver.socket]);
  await receiver.says(/crw--w---- +1 0 +\d+ +136, +0 .*\/dev\/console\r\nto-console\r\n/);
  const mount = mountsOf(await c.pid()).find(({ target }) => target === "/dev/console");
  t.match(mount, { type: "devpts", root: "/0" });
});

e2e("the terminal belongs to the user of the process", async (_, box) => {
  const c = box.container(terminal("ls -ln $(tty); echo x > $(tty)", { user: { uid: 1000, gid: 1000 } }));
  const receiver = await consoleSocket(box);
  await c.run(["-d", "--console-socket", receiver.socket]);
  await receiver.says(/crw--w---- +1 1000 +\d+ .*\r\nx\r\n/);
});

e2e("a relative and a very long path of the console socket", async (t, box) => {
  const c = box.container(terminal("echo hello"));
  const long = box.path("x".repeat(100), "y".repeat(100));
  mkdirSync(long, { recursive: true });
  symlinkSync(long, box.path("short"));
  const receiver = await consoleSocket(box, box.path("short", "s"));
  succeeded(
    t,
    await c.run(["-d", "--console-socket", `${"y".repeat(100)}/s`], { cwd: box.path("x".repeat(100)) }),
    "run",
  );
  await receiver.says("hello\r\n");
});

e2e("a terminal needs somebody who takes it", async (t, box) => {
  const c = box.container(terminal("true"));
  const without =
    /^create failed: \/process\/terminal: cannot allocate tty if tsoci will detach without setting console socket$/;
  refused(t, await c.create(), without, "create without a socket");
  refused(t, await c.run(["-d"]), /^run failed: .*cannot allocate tty if tsoci will detach/, "run -d without a socket");
  const useless = /cannot use console socket if tsoci will not detach or allocate tty$/;
  refused(t, await c.run(["--console-socket", box.path("s")]), useless, "run with a socket");
  const plain = box.container(baseConfig());
  refused(t, await plain.create(["--console-socket", box.path("s")]), useless, "a socket without a terminal");
  refused(
    t,
    await c.create(["--console-socket", box.path("s")]),
    /^create failed: .*no such file or directory$/,
    "no socket there",
  );
});

e2e("a foreground terminal: typing, window size, exit status, settings afterwards", async (t, box) => {
  const text =
    "trap 'stty size' WINCH; stty size; tty; echo ready; while :; do read x || continue; echo got $x; [ $x = end ] && exit 9; done";
  const c = box.container(terminal(text));
  const command = [box.engine.tsoci, "--root", box.root, "run", "-b", c.bundle, c.id];
  const person = dialogue(await program("pty"), ["44", "132", ...command], box);
  await person.says(/^44 132\r\n\/dev\/pts\/0\r\nready\r\n/);
  person.signal("SIGUSR1");
  await person.says("45 133\r\n");
  person.type("something\r");
  await person.says(/something\r\ngot something\r\n/);
  person.type("end\r");
  t.equal(await person.ended(), 9);
  t.match(person.output(), /\[settings restored\]/);
  t.notMatch(person.output(), /something\r\nsomething/, "echoed once");
});

e2e("control-C is a signal inside, not for the runtime", async (t, box) => {
  const c = box.container(terminal("trap 'echo interrupted; exit 3' INT; echo ready; while :; do read x; done"));
  const command = [box.engine.tsoci, "--root", box.root, "run", "-b", c.bundle, c.id];
  const person = dialogue(await program("pty"), ["24", "80", ...command], box);
  await person.says("ready");
  person.type("\u0003");
  await person.says("interrupted");
  t.equal(await person.ended(), 3);
  t.match(person.output(), /\[settings restored\]/);
});

e2e("a foreground terminal without a terminal around it", async (t, box) => {
  const c = box.container(terminal("tty; read x; echo got $x; exit 2"));
  const { code, stdout } = await c.run([], { input: "word\n" });
  t.equal(code, 2);
  t.strictSame(stdout.split("\n").sort(), ["", "/dev/pts/0", "got word", "word"], "the terminal echoes");
});
