/** From create to rm. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UNIFIED } from "../../harness/cgroups.ts";
import { isAlive, read, until } from "../../harness/host.ts";
import { IMAGE, type Podman } from "../caller.ts";
import type { Check } from "../verdict.ts";

const TRAP = "trap 'echo asked; exit 4' TERM; trap 'echo usr1' USR1; echo ready; while :; do sleep 0.05; done";

async function status(podman: Podman, name: string): Promise<string> {
  return await podman.inspect(name, "{{.State.Status}} {{.State.ExitCode}}");
}

/** A counter in a file, which stands still while the container is paused. */
const COUNT = "i=0; while :; do i=$((i+1)); echo $i >/count/new; mv /count/new /count/now; sleep 0.01; done";

async function counts(directory: string): Promise<boolean> {
  const now = () => read(join(directory, "now"));
  const before = now();
  return await until("the counter moves", () => now() !== before, 700).catch(() => false);
}

const noFreezer = ({ rootless }: Podman) =>
  rootless && !UNIFIED ? "Podman pauses nothing for ordinary users on cgroup v1" : false;

export const LIFECYCLE: readonly Check[] = [
  {
    name: "create, start, start -a",
    body: async (podman) => {
      const name = podman.name();
      await podman.ok(["create", "--name", name, ...podman.flags(), IMAGE, "sh", "-c", "echo hello; exit 2"]);
      assert.equal(await status(podman, name), "created 0");
      await podman.ok(["start", name]);
      assert.equal(await podman.wait(name), 2);
      const { code, stdout } = await podman.podman(["start", "--attach", name]);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: "hello\n" });
    },
  },
  {
    name: "init: created by the runtime, not started; then start",
    body: async (podman) => {
      const name = podman.name();
      await podman.ok(["create", "--name", name, ...podman.flags(), IMAGE, "sh", "-c", "echo hello; exec sleep 1000"]);
      await podman.ok(["init", name]);
      assert.match(await status(podman, name), /^initialized /);
      const pid = await podman.pid(name);
      assert.ok(isAlive(pid));
      assert.equal(await podman.ok(["logs", name]), "");
      await podman.ok(["start", name]);
      await podman.logs(name, "hello");
      assert.equal(await podman.pid(name), pid);
    },
  },
  {
    name: "stop: a program that ends by itself",
    body: async (podman) => {
      const name = await podman.background([], TRAP);
      await podman.logs(name, "ready");
      await podman.ok(["stop", name]);
      assert.equal(await status(podman, name), "exited 4");
      await podman.logs(name, "asked");
    },
  },
  {
    name: "stop -t 1: killed when it doesn't end",
    body: async (podman) => {
      const name = await podman.background();
      const pid = await podman.pid(name);
      await podman.ok(["stop", "--time", "1", name]);
      assert.equal(await status(podman, name), "exited 137");
      assert.equal(isAlive(pid), false);
    },
  },
  {
    name: "kill: another signal, then KILL",
    body: async (podman) => {
      const name = await podman.background([], TRAP);
      await podman.logs(name, "ready");
      await podman.ok(["kill", "--signal", "USR1", name]);
      await podman.logs(name, "usr1");
      await podman.ok(["kill", name]);
      assert.equal(await podman.wait(name), 137);
      assert.equal((await podman.podman(["kill", name])).code, 125, "of a container that has ended");
    },
  },
  {
    name: "rm -f --pid host: no process of the container survives",
    skip: ({ rootless }) => (rootless && !UNIFIED ? "nothing but a cgroup tells which processes those are" : false),
    body: async (podman) => {
      const name = await podman.background(["--pid", "host"], "sleep 1000 & sleep 1000 & echo ready; wait");
      await podman.logs(name, "ready");
      await podman.ok(["rm", "--force", "--time", "0", name]);
    },
  },
  {
    name: "restart",
    body: async (podman) => {
      const name = await podman.background([], "echo begun; exec sleep 1000");
      const pid = await podman.pid(name);
      await podman.ok(["restart", "--time", "0", name]);
      assert.notEqual(await podman.pid(name), pid);
      await podman.logs(name, /begun\nbegun\n/);
    },
  },
  {
    name: "pause, unpause",
    skip: noFreezer,
    body: async (podman) => {
      const directory = podman.directory();
      const name = await podman.background(["-v", `${directory}:/count`], COUNT);
      assert.ok(await counts(directory), "it runs");
      await podman.ok(["pause", name]);
      assert.match(await status(podman, name), /^paused /);
      assert.ok(!(await counts(directory)), "it is paused");
      const { code, stderr } = await podman.podman(["exec", name, "true"]);
      assert.equal(code, 255);
      assert.match(stderr, /can only create exec sessions on running containers/);
      await podman.ok(["unpause", name]);
      assert.match(await status(podman, name), /^running /);
      assert.ok(await counts(directory), "it runs again");
    },
  },
  {
    name: "rm -f: a running, a paused, a created container",
    body: async (podman) => {
      const running = await podman.background();
      const pids = [await podman.pid(running)];
      const created = podman.name();
      await podman.ok(["create", "--name", created, ...podman.flags(), IMAGE, "true"]);
      await podman.ok(["init", created]);
      const names = [running, created];
      if (noFreezer(podman) === false) {
        const paused = await podman.background();
        await podman.ok(["pause", paused]);
        pids.push(await podman.pid(paused));
        names.push(paused);
      }
      await podman.ok(["rm", "--force", "--time", "0", ...names]);
      assert.deepEqual(pids.filter(isAlive), []);
      for (const name of names) assert.equal((await podman.podman(["container", "exists", name])).code, 1);
    },
  },
  {
    name: "top, stats",
    body: async (podman) => {
      const name = await podman.background();
      assert.match(await podman.ok(["top", name, "pid", "comm"]), /^PID +COMMAND\n1 +sleep\n$/);
      if (podman.rootless) return;
      const pids = await podman.ok(["stats", "--no-stream", "--format", "{{.PIDs}}", name]);
      assert.equal(pids, "1\n");
    },
  },
  {
    name: "healthcheck: healthy and unhealthy",
    body: async (podman) => {
      const health = ["--health-cmd", "test -e /tmp/healthy", "--health-interval", "disable", "--health-retries", "1"];
      const name = await podman.background(health);
      const { code, stdout } = await podman.podman(["healthcheck", "run", name]);
      assert.deepEqual({ code, stdout }, { code: 1, stdout: "unhealthy\n" });
      assert.equal(await podman.inspect(name, "{{.State.Health.Status}}"), "unhealthy");
      await podman.ok(["exec", name, "touch", "/tmp/healthy"]);
      await podman.ok(["healthcheck", "run", name]);
      assert.equal(await podman.inspect(name, "{{.State.Health.Status}}"), "healthy");
    },
  },
  {
    name: "--hooks-dir: a poststop hook gets the state",
    body: async (podman) => {
      const directory = podman.directory();
      const hook = { version: "1.0.0", when: { always: true }, stages: ["poststop"] };
      const path = join(directory, "hook.sh");
      writeFileSync(path, `#!/bin/sh\ncat >${directory}/state\n`, { mode: 0o755 });
      writeFileSync(join(directory, "hook.json"), JSON.stringify({ ...hook, hook: { path } }));
      await podman.ok(["--hooks-dir", directory, "run", "--rm", ...podman.flags(), IMAGE, "true"]);
      const file = join(directory, "state");
      await until("the hook runs", () => existsSync(file));
      assert.equal(JSON.parse(readFileSync(file, "utf8")).status, "stopped");
    },
  },
  {
    name: "container checkpoint: refused, and the container goes on",
    body: async (podman) => {
      const name = await podman.background();
      const { code } = await podman.podman(["container", "checkpoint", name]);
      assert.equal(code, 125);
      assert.match(await status(podman, name), /^running /);
    },
  },
];
