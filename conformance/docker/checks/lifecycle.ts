/** From create to rm. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { without } from "../../harness/cgroups.ts";
import type { Check } from "../../harness/checks.ts";
import { isAlive, read, until } from "../../harness/host.ts";
import type { Docker } from "../caller.ts";

const TRAP = [
  "sh",
  "-c",
  "trap 'echo asked; exit 4' TERM; trap 'echo usr1' USR1; echo ready; while :; do sleep 0.05; done",
];
const TRAP_USR1 = ["sh", "-c", "trap 'exit 5' USR1; echo ready; while :; do sleep 0.05; done"];

const COUNT = ["sh", "-c", "i=0; while :; do i=$((i+1)); echo $i >/new; mv /new /count; sleep 0.01; done"];

async function counted(docker: Docker, name: string): Promise<number> {
  const file = `/proc/${await docker.pid(name)}/root/count`;
  return Number(await until("it counts", () => read(file)));
}

async function goesOn(docker: Docker, name: string): Promise<void> {
  const before = await counted(docker, name);
  for (const end = Date.now() + 5000; (await counted(docker, name)) === before; ) assert.ok(Date.now() < end);
}

const ended = async (docker: Docker, name: string) =>
  await docker.inspect(name, "{{.State.Status}} {{.State.ExitCode}}");

export const LIFECYCLE: readonly Check<Docker>[] = [
  {
    name: "create, start, wait, start -a: again with the same root filesystem",
    body: async (docker) => {
      const name = docker.unique();
      const script = "cat /seen; echo before >/seen; exit 2";
      await docker.ok(docker.making(["--name", name], ["sh", "-c", script], "create"));
      assert.equal(await docker.status(name), "created");
      await docker.ok(["start", name]);
      assert.equal(await docker.wait(name), 2);
      const { code, stdout } = await docker.docker(["start", "-a", name]);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: "before\n" });
    },
  },
  {
    name: "stop: a program that ends by itself",
    body: async (docker) => {
      const name = await docker.background([], TRAP);
      await docker.prints(["logs", name], /ready/);
      await docker.ok(["stop", name]);
      assert.equal(await ended(docker, name), "exited 4");
      assert.equal(await docker.ok(["logs", name]), "ready\nasked\n");
    },
  },
  {
    name: "stop, with --stop-signal",
    body: async (docker) => {
      const name = await docker.background(["--stop-signal", "SIGUSR1"], TRAP_USR1);
      await docker.prints(["logs", name], /ready/);
      await docker.ok(["stop", name]);
      assert.equal(await ended(docker, name), "exited 5");
    },
  },
  {
    name: "stop -t 1: killed when it doesn't end, with all its processes",
    body: async (docker) => {
      const name = await docker.background([], ["sh", "-c", "sleep 999 & sleep 1000"]);
      const pid = await docker.pid(name);
      await docker.ok(["stop", "-t", "1", name]);
      assert.equal(await ended(docker, name), "exited 137");
      assert.equal(isAlive(pid), false);
    },
  },
  {
    name: "kill: another signal, then KILL, and an error after the end",
    body: async (docker) => {
      const name = await docker.background([], TRAP);
      await docker.prints(["logs", name], /ready/);
      await docker.ok(["kill", "--signal", "USR1", name]);
      await docker.prints(["logs", name], /usr1/);
      await docker.ok(["kill", name]);
      assert.equal(await docker.wait(name), 137);
      assert.match((await docker.docker(["kill", name])).stderr, /is not running/);
    },
  },
  {
    name: "restart: another process, the same container",
    body: async (docker) => {
      const name = await docker.background([], ["sh", "-c", "echo begun; exec sleep 1000"]);
      const pid = await docker.pid(name);
      await docker.ok(["restart", "-t", "0", name]);
      assert.notEqual(await docker.pid(name), pid);
      assert.equal(isAlive(pid), false);
      await docker.prints(["logs", name], /begun\nbegun\n/);
    },
  },
  {
    name: "run --restart on-failure:2",
    body: async (docker) => {
      const name = await docker.background(["--restart", "on-failure:2"], ["sh", "-c", "echo begun; exit 3"]);
      await docker.prints(["inspect", "--format", "{{.RestartCount}} {{.State.Status}}", name], /^2 exited$/m);
      assert.equal(await docker.ok(["logs", name]), "begun\nbegun\nbegun\n");
    },
  },
  {
    name: "pause, unpause: its processes stand still, exec is refused, and they go on",
    skip: () => without("freezer"),
    body: async (docker) => {
      const name = await docker.background([], COUNT);
      await counted(docker, name);
      await docker.ok(["pause", name]);
      assert.equal(await docker.status(name), "paused");
      const before = await counted(docker, name);
      await sleep(200);
      assert.equal(await counted(docker, name), before);
      assert.match((await docker.docker(["exec", name, "true"])).stderr, /is paused/);
      await docker.ok(["unpause", name]);
      assert.equal(await docker.status(name), "running");
      await goesOn(docker, name);
    },
  },
  {
    name: "kill and rm -f of paused containers",
    skip: () => without("freezer"),
    body: async (docker) => {
      const names = [await docker.background(), await docker.background()] as const;
      const pids = await Promise.all(names.map((name) => docker.pid(name)));
      await docker.ok(["pause", ...names]);
      await docker.ok(["kill", names[0]]);
      assert.equal(await docker.wait(names[0]), 137);
      await docker.ok(["rm", "-f", names[1]]);
      for (const pid of pids) assert.equal(isAlive(pid), false);
    },
  },
  {
    name: "rm: refused while it runs; rm -f ends it",
    body: async (docker) => {
      const name = await docker.background();
      const pid = await docker.pid(name);
      const { code, stderr } = await docker.docker(["rm", name]);
      assert.equal(code, 1);
      assert.match(stderr, /cannot remove|cannot be removed|You cannot remove a running container/i);
      assert.ok(isAlive(pid));
      await docker.ok(["rm", "-f", name]);
      assert.equal(isAlive(pid), false);
      assert.equal((await docker.docker(["inspect", name])).code, 1);
    },
  },
  {
    name: "rm -f --pid host: no process of the container survives",
    body: async (docker) => {
      const script = "sleep 999 & echo $!; sleep 999 & echo $!; wait";
      const name = await docker.background(["--pid", "host"], ["sh", "-c", script]);
      await docker.prints(["logs", name], /^\d+\n\d+\n$/);
      const pids = (await docker.ok(["logs", name])).trim().split("\n").map(Number);
      for (const pid of pids) assert.ok(isAlive(pid));
      await docker.ok(["rm", "-f", name]);
      for (const pid of pids) assert.equal(isAlive(pid), false);
    },
  },
  {
    name: "logs: both streams, --tail, -f until the end",
    body: async (docker) => {
      const script = "echo one; echo two >&2; while [ ! -e /go ]; do sleep 0.05; done; echo three; echo four";
      const name = await docker.background([], ["sh", "-c", script]);
      // Docker does not keep the order of lines of different streams.
      for (const word of ["one", "two"]) await docker.prints(["logs", name], new RegExp(word));
      const { stdout, stderr } = await docker.docker(["logs", name]);
      assert.deepEqual({ stdout, stderr }, { stdout: "one\n", stderr: "two\n" });
      const follower = docker.dialogue(["logs", "-f", name]);
      await follower.says("one");
      await docker.ok(["exec", name, "touch", "/go"]);
      assert.equal(await follower.ended(), 0);
      assert.match(follower.output(), /three\nfour\n$/);
      assert.equal(await docker.ok(["logs", "--tail", "1", name]), "four\n");
    },
  },
  {
    name: "run --health-cmd: healthy and unhealthy",
    body: async (docker) => {
      const health = ["--health-cmd", "test -e /healthy", "--health-interval", "100ms", "--health-retries", "1"];
      const name = await docker.background(health);
      const status = ["inspect", "--format", "{{.State.Health.Status}}", name];
      await docker.prints(status, /^unhealthy$/m);
      await docker.ok(["exec", name, "touch", "/healthy"]);
      await docker.prints(status, /^healthy$/m);
    },
  },
  {
    name: "cp, diff, commit: the root filesystem is Docker's to see",
    body: async (docker) => {
      const name = await docker.background([], ["sh", "-c", "echo text >/made; echo ready; exec sleep 1000"]);
      await docker.prints(["logs", name], /ready/);
      await docker.ok(["cp", `${name}:/made`, docker.path("copied")]);
      assert.equal(read(docker.path("copied")), "text\n");
      await docker.ok(["cp", docker.path("copied"), `${name}:/back`]);
      assert.equal(await docker.ok(["exec", name, "cat", "/back"]), "text\n");
      assert.match(await docker.ok(["diff", name]), /^A \/made$/m);
      await docker.ok(["commit", name, "committed"]);
      assert.equal(await docker.ok(["run", "--rm", "--runtime", "tsoci", "committed", "cat", "/made"]), "text\n");
      await docker.ok(["rmi", "committed"]);
    },
  },
  {
    name: "dockerd is restarted with --live-restore: the container goes on, exec and stop work",
    body: async (docker) => {
      const name = await docker.background([], COUNT);
      const pid = await docker.pid(name);
      await docker.daemon.stop();
      assert.ok(isAlive(pid));
      await docker.daemon.start();
      assert.deepEqual([await docker.status(name), await docker.pid(name)], ["running", pid]);
      await goesOn(docker, name);
      assert.equal(await docker.ok(["exec", name, "echo", "still here"]), "still here\n");
      await docker.ok(["stop", "-t", "0", name]);
      assert.equal(await ended(docker, name), "exited 137");
    },
  },
  {
    name: "checkpoint create: refused, and the container goes on",
    body: async (docker) => {
      const name = await docker.background([], COUNT);
      assert.notEqual((await docker.docker(["checkpoint", "create", name, "first"])).code, 0);
      await goesOn(docker, name);
    },
  },
];
