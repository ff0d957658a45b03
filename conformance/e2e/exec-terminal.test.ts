/** `exec` in the foreground and with a terminal. */
import { type Box, type Container, consoleSocket, dialogue, e2e, program, sleeper, succeeded } from "../harness.ts";

async function running(box: Box, change = {}): Promise<Container> {
  const c = box.container(sleeper(change));
  await c.run(["-d"]);
  return c;
}

const sh = (text: string) => ["sh", "-c", text];

e2e("exec with a terminal, detached", async (t, box) => {
  const c = await running(box);
  const receiver = await consoleSocket(box);
  const flags = ["-t", "-d", "--console-socket", receiver.socket, "--pid-file", box.path("pid")];
  succeeded(t, await c.exec(sh("tty; ls -l /dev/console; read x; echo got $x"), undefined, flags), "exec");
  await receiver.says("payload=ok control=ok more=no ended=yes\n");
  await receiver.says(/\/dev\/pts\/0\r\n/);
  await receiver.says(/\/dev\/console: No such file/);
  receiver.type("word\n");
  await receiver.says("got word\r\n");
  t.equal(await receiver.ended(), 0);
});

e2e("exec with a terminal in the foreground", async (t, box) => {
  const c = await running(box);
  const text = "stty size; trap 'stty size' WINCH; echo ready; while :; do read x && exit 11; done";
  const command = [box.engine.tsoci, "--root", box.root, "exec", "-t", c.id, ...sh(text)];
  const person = dialogue(await program("pty"), ["30", "90", ...command], box);
  await person.says(/30 90\r\nready\r\n/);
  person.signal("SIGUSR1");
  await person.says("31 91\r\n");
  person.type("x\r");
  t.equal(await person.ended(), 11);
  t.match(person.output(), /\[settings restored\]/);
});

e2e("signals are forwarded by a foreground exec", async (t, box) => {
  const c = await running(box);
  const text = "trap 'echo usr1' USR1; trap 'exit 12' TERM; echo ready; while :; do sleep 1000 & wait; done";
  const runtime = dialogue(box.engine.tsoci, ["--root", box.root, "exec", c.id, ...sh(text)], box);
  await runtime.says("ready");
  runtime.signal("SIGUSR1");
  await runtime.says("usr1\n");
  runtime.signal("SIGTERM");
  t.equal(await runtime.ended(), 12);
});
