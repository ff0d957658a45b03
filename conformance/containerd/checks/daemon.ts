/** What happens to containers when the daemon or a shim goes. */
import assert from "node:assert/strict";
import type { Check } from "../../harness/checks.ts";
import { isAlive, until } from "../../harness/host.ts";
import { shims } from "../../harness/shims.ts";
import type { Containerd } from "../caller.ts";

function shimOf(id: string): number {
  const found = shims().find(({ words }) => words[words.indexOf("-id") + 1] === id);
  if (found === undefined) throw new Error(`${id} has no shim`);
  return found.pid;
}

export const DAEMON: readonly Check<Containerd>[] = [
  {
    name: "containerd is restarted: the task goes on, exec and kill work",
    body: async (caller) => {
      const id = await caller.background();
      const pid = await caller.pid(id);
      await caller.daemon.stop();
      assert.ok(isAlive(pid));
      await caller.daemon.start();
      assert.deepEqual([await caller.status(id), await caller.pid(id)], ["RUNNING", pid]);
      assert.equal(await caller.ok(["tasks", "exec", "--exec-id", "x", id, "echo", "still here"]), "still here\n");
      await caller.ok(["tasks", "kill", "--signal", "SIGKILL", id]);
      await caller.waitFor(id, "STOPPED");
    },
  },
  {
    name: "a shim is killed: containerd has the runtime delete what it left",
    body: async (caller) => {
      const id = await caller.background([], ["sh", "-c", "sleep 1000 & sleep 1000"]);
      const pid = await caller.pid(id);
      process.kill(shimOf(id), "SIGKILL");
      await caller.waitFor(id, undefined);
      await until("the container's process ends", () => !isAlive(pid));
      for (const end = Date.now() + 10_000; (await caller.state(id)) !== undefined; ) assert.ok(Date.now() < end);
    },
  },
];
