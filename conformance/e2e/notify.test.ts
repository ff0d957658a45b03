/** NOTIFY_SOCKET (sd_notify(3), shared/CLI.md 3.9): a service manager hears through the runtime that a container is ready. */
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import {
  type Box,
  baseConfig,
  type Config,
  type Container,
  dialogue,
  e2e,
  merge,
  mountsOf,
  program,
  succeeded,
} from "../harness.ts";

async function manager(box: Box) {
  const socket = box.path("manager.sock");
  const listening = dialogue(await program("manager"), [socket], box);
  await listening.says("listening");
  const end = async () => {
    listening.signal("SIGKILL");
    await listening.ended();
  };
  return { ...listening, end, env: { PATH: process.env.PATH ?? "", NOTIFY_SOCKET: socket } };
}

async function service(box: Box, argument: string, change: Config = {}): Promise<Container> {
  const path = await program("service");
  const config = baseConfig({ process: { args: ["/bin/service", argument] } });
  return box.container(merge(config, change), (rootfs) => {
    copyFileSync(path, `${rootfs}/bin/service`);
    // The root of a user namespace can't make it in a directory of the host's root.
    mkdirSync(`${rootfs}/run/notify`, { recursive: true });
  });
}

const heard = (pid: number) => `listening\n<READY=1|>\n<MAINPID=${pid}|>\n<BARRIER=1> with a descriptor\n`;

const USER_NAMESPACE: Config = {
  linux: {
    namespaces: ["user", "mount", "pid", "network", "ipc", "uts"].map((type) => ({ type })),
    uidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
    gidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
  },
};

e2e("run --detach returns when the container is ready", async (t, box) => {
  for (const change of [{}, { process: { user: { uid: 1000, gid: 1000 } } }, USER_NAMESPACE]) {
    const { env, output, end } = await manager(box);
    const c = await service(box, "stay", change);
    succeeded(t, await c.run(["-d"], { env }), "run");
    t.equal(output(), heard(await c.pid()));
    const mount = mountsOf(await c.pid()).find(({ target }) => target === "/run/notify");
    for (const option of ["ro", "nosuid", "nodev", "noexec"]) t.ok(mount?.options.includes(option), option);
    succeeded(t, await c.delete(["-f"]), "delete");
    await end();
    t.equal((await box.tsoci(["list", "-q"])).stdout, "");
    rmSync(box.path("manager.sock"));
  }
});

e2e("start waits, too, where it has the variable itself", async (t, box) => {
  const { env, output, end } = await manager(box);
  const c = await service(box, "stay");
  succeeded(t, await c.create([], { env }), "create");
  succeeded(t, await c.start({ env }), "start");
  t.equal(output(), heard(await c.pid()));
  const other = await service(box, "stay");
  succeeded(t, await other.create([], { env }), "create");
  succeeded(t, await other.start(), "start without the variable");
  t.equal(output(), heard(await c.pid()), "says nothing more");
  await end();
});

e2e("run in the foreground: the service manager shall watch the runtime", async (t, box) => {
  const { env, output, end, says } = await manager(box);
  const c = await service(box, "end");
  succeeded(t, await c.run([], { env }), "run");
  await says(/^listening\n<READY=1\|>\n<MAINPID=\d+\|>\n$/);
  t.notMatch(output(), "BARRIER");
  await end();
});

e2e("a container that ends without a word does not hold the runtime up", async (t, box) => {
  const { env, output, end } = await manager(box);
  const c = await service(box, "fail");
  succeeded(t, await c.run(["-d"], { env }), "run");
  await c.waitFor("stopped");
  t.equal(output(), "listening\n");
  await end();
});

e2e("a service manager that is gone is a warning", async (t, box) => {
  const c = await service(box, "stay");
  const { code, stderr } = await c.run(["-d"], { env: { NOTIFY_SOCKET: box.path("nobody") } });
  t.equal(code, 0);
  t.equal(stderr, "tsoci: warning: NOTIFY_SOCKET: no such file or directory\n");
  t.equal(await c.status(), "running");
});
