/** ctr tasks: everything else that is done to a container that runs. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { find } from "../../bench/runtimes.ts";
import { without } from "../../harness/cgroups.ts";
import type { Check } from "../../harness/checks.ts";
import { until } from "../../harness/host.ts";
import { type Containerd, IMAGE } from "../caller.ts";

const COUNT = ["sh", "-c", "i=0; while :; do i=$((i+1)); echo $i >/new; mv /new /count; sleep 0.01; done"];

async function counted(caller: Containerd, id: string): Promise<number> {
  const file = `/proc/${await caller.pid(id)}/root/count`;
  return Number(await until("it counts", () => attempt(() => readFileSync(file, "utf8"))));
}

function attempt<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch {
    return undefined;
  }
}

export const TASKS: readonly Check<Containerd>[] = [
  {
    name: "tasks kill --signal: handled by the container, and its exit status",
    body: async (caller) => {
      const id = caller.unique();
      const script = "trap 'echo asked; exit 4' TERM; echo ready; while :; do sleep 0.05; done";
      const run = caller.dialogue(["run", "--runc-binary", caller.runtime, IMAGE, id, "sh", "-c", script]);
      await run.says("ready");
      await caller.ok(["tasks", "kill", "--signal", "SIGTERM", id]);
      assert.equal(await run.ended(), 4);
      assert.equal(run.output(), "ready\nasked\n");
    },
  },
  {
    name: "tasks kill --signal SIGKILL: exit status 137",
    body: async (caller) => {
      const id = caller.unique();
      const run = caller.dialogue([
        "run",
        "--runc-binary",
        caller.runtime,
        IMAGE,
        id,
        "sh",
        "-c",
        "echo ready; sleep 1000",
      ]);
      await run.says("ready");
      await caller.ok(["tasks", "kill", "--signal", "SIGKILL", id]);
      assert.equal(await run.ended(), 137);
    },
  },
  {
    name: "tasks kill of a task that ended: the error of a task that is not there",
    body: async (caller) => {
      const id = await caller.background([], ["true"]);
      await caller.waitFor(id, "STOPPED");
      const { code, stderr } = await caller.ctr(["tasks", "kill", id]);
      assert.equal(code, 1);
      assert.match(stderr, /process already finished: not found/);
    },
  },
  {
    name: "tasks pause, resume: its processes stand still, and go on",
    skip: () => without("freezer"),
    body: async (caller) => {
      const id = await caller.background([], COUNT);
      await counted(caller, id);
      await caller.ok(["tasks", "pause", id]);
      assert.equal(await caller.status(id), "PAUSED");
      const before = await counted(caller, id);
      await sleep(200);
      assert.equal(await counted(caller, id), before);
      await caller.ok(["tasks", "resume", id]);
      assert.equal(await caller.status(id), "RUNNING");
      for (const end = Date.now() + 5000; (await counted(caller, id)) === before; ) assert.ok(Date.now() < end);
    },
  },
  {
    name: "tasks kill SIGKILL of a paused task",
    skip: () => without("freezer"),
    body: async (caller) => {
      const id = await caller.background();
      await caller.ok(["tasks", "pause", id]);
      await caller.ok(["tasks", "kill", "--signal", "SIGKILL", id]);
      await caller.waitFor(id, "STOPPED");
    },
  },
  {
    name: "tasks metrics: of the container's cgroup",
    skip: () => without("memory") || without("pids"),
    body: async (caller) => {
      const id = await caller.background(["--memory-limit", "33554432"], ["sh", "-c", "sleep 999 & sleep 1000"]);
      const { memory, pids } = JSON.parse(await caller.ok(["tasks", "metrics", "--format", "json", id]));
      assert.equal(Number(memory.usage.limit ?? memory.usage_limit), 33554432);
      assert.equal(Number(pids.current), 2);
    },
  },
  {
    name: "events: of everything that happens to a task",
    skip: () => without("freezer"),
    body: async (caller) => {
      const events = caller.dialogue(["events"]);
      // Those of the past are not shown: repeated until the first arrives.
      for (const end = Date.now() + 10_000; !events.output().includes("/tasks/create"); ) {
        assert.ok(Date.now() < end, "no event arrives");
        await caller.run(["--rm"], caller.unique(), ["true"]);
      }
      const id = await caller.background();
      await caller.ctr(["tasks", "exec", "--exec-id", "second", id, "sh", "-c", "exit 3"]);
      await caller.ok(["tasks", "pause", id]);
      await caller.ok(["tasks", "resume", id]);
      await caller.ok(["tasks", "kill", "--signal", "SIGKILL", id]);
      await caller.waitFor(id, "STOPPED");
      // ctr ends with the exit status of the task.
      await caller.ctr(["tasks", "rm", id]);
      const own = () =>
        events
          .output()
          .split("\n")
          .filter((line) => line.includes(`"container_id":"${id}"`));
      const topics = () => own().map((line) => /\/tasks\/[a-z-]+/.exec(line)?.[0]);
      await until("the last event", () => topics().includes("/tasks/delete"));
      events.signal("SIGTERM");
      await events.ended();
      const expected = "create start exec-added exec-started exit paused resumed exit delete";
      assert.deepEqual(
        topics(),
        expected.split(" ").map((name) => `/tasks/${name}`),
      );
      const statuses = own().flatMap((line) =>
        line.includes("/tasks/exit") ? /"exit_status":(\d+)/.exec(line)?.[1] : [],
      );
      assert.deepEqual(statuses, ["3", "137"]);
    },
  },
  {
    name: "events: the kernel ended a task for want of memory",
    skip: () => without("memory"),
    body: async (caller) => {
      const events = caller.dialogue(["events"]);
      const id = await caller.background(["--memory-limit", "8388608"], ["sh", "-c", "sleep 1; tail /dev/zero"]);
      await caller.waitFor(id, "STOPPED");
      await until("the event", () => new RegExp(`/tasks/oom \\{"container_id":"${id}"\\}`).test(events.output()));
      events.signal("SIGTERM");
      await events.ended();
    },
  },
  {
    name: "tasks checkpoint: refused, and the task goes on",
    skip: () => (find("criu") ? "CRIU is installed" : false),
    body: async (caller) => {
      const id = await caller.background();
      const { code, stderr } = await caller.ctr(["tasks", "checkpoint", id]);
      assert.equal(code, 1);
      assert.match(stderr, /not supported yet: checkpoint/);
      assert.equal(await caller.status(id), "RUNNING");
      assert.equal(await caller.ok(["tasks", "exec", "--exec-id", "x", id, "echo", "still here"]), "still here\n");
    },
  },
  {
    name: "tasks rm: refused while it runs, done with --force and after its end",
    body: async (caller) => {
      const id = await caller.background();
      const { code, stderr } = await caller.ctr(["tasks", "rm", id]);
      assert.equal(code, 1);
      assert.match(stderr, /task must be stopped before deletion/);
      await caller.ctr(["tasks", "rm", "--force", id]);
      assert.equal(await caller.status(id), undefined);
      assert.equal(await caller.state(id), undefined);
    },
  },
  {
    name: "containers create, tasks start, tasks rm, tasks start: again with the same root filesystem",
    body: async (caller) => {
      const id = caller.unique();
      await caller.ok(["containers", "create", IMAGE, id, "mkdir", "/seen"]);
      assert.deepEqual(await caller.ctr(["tasks", "start", id]), { code: 0, stdout: "", stderr: "" });
      assert.match((await caller.ctr(["tasks", "start", id])).stderr, /File exists/);
    },
  },
];
