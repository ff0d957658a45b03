/** --pidfd-socket of create, run and exec (shared/CLI.md 3.7), and crun's annotation for it. */
import { readFileSync } from "node:fs";
import {
  type Box,
  type Dialogue,
  dialogue,
  e2e,
  nothingLeft,
  program,
  refused,
  sleeper,
  succeeded,
} from "../harness.ts";

async function receiver(box: Box, name: string): Promise<Dialogue & { socket: string }> {
  const socket = box.path(name);
  const listening = dialogue(await program("pidfd"), [socket], box);
  await listening.says("listening");
  return { ...listening, socket };
}

const said = (payload: string, pid: number) => `payload="${payload}" pid=${pid}\n`;

e2e("create and run send a pidfd of init, exec one of its process", async (t, box) => {
  for (const command of ["create", "run"] as const) {
    const c = box.container(sleeper());
    const { socket, says, ended } = await receiver(box, command);
    const flags = ["--pidfd-socket", socket];
    const outcome = await (command === "create" ? c.create(flags) : c.run(["-d", ...flags]));
    succeeded(t, outcome, command);
    await says(said("standard", await c.pid()));
    t.equal(await ended(), 0);
    if (command === "create") continue;
    const exec = await receiver(box, "exec");
    const pidFile = box.path("pid");
    succeeded(
      t,
      await c.exec(["sleep", "1000"], undefined, ["-d", "--pid-file", pidFile, "--pidfd-socket", exec.socket]),
      "exec",
    );
    await exec.says(said("setns", Number(readFileSync(pidFile, "utf8"))));
    t.equal(await exec.ended(), 0);
    const fds = await c.exec(["sh", "-c", "ls /proc/self/fd | tr '\\n' ' '"]);
    t.equal(fds.stdout, "0 1 2 3 ", "nothing of it is left in the container");
  }
});

e2e("run.oci.pidfd_receiver", async (t, box) => {
  const { socket, says, ended } = await receiver(box, "crun");
  const c = box.container(sleeper({ annotations: { "run.oci.pidfd_receiver": socket } }));
  succeeded(t, await c.create(), "create");
  await says(said(" ", await c.pid()));
  t.equal(await ended(), 0);
});

e2e("a socket where nobody listens", async (t, box) => {
  const c = box.container(sleeper());
  const path = box.path("nobody");
  const outcome = await c.create(["--pidfd-socket", path]);
  refused(t, outcome, `create failed: connect to ${path}: no such file or directory`, "create");
  await nothingLeft(t, box);
  succeeded(t, await c.run(["-d"]), "run");
  refused(
    t,
    await c.exec(["true"], undefined, ["--pidfd-socket", path]),
    `exec failed: connect to ${path}: no such file or directory`,
    "exec",
    255,
  );
  t.equal(await c.status(), "running");
});
