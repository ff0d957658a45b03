/** CRI: what is done to containers in pods. */
import assert from "node:assert/strict";
import { without } from "../../harness/cgroups.ts";
import type { Check } from "../../harness/checks.ts";
import { hasTerminal } from "../../harness/terminal.ts";
import { type Containerd, PODS } from "../caller.ts";
import { linux, pod, running, script } from "../on-node.ts";
import { createContainer, inspect, noPods, waitForExit } from "../pod.ts";

export const CONTAINERS: readonly Check<Containerd>[] = [
  {
    name: "crictl create, start, logs, stop, rm",
    skip: noPods,
    body: async (caller) => {
      const text = "trap 'echo asked; exit 6' TERM; echo out; echo err >&2; while :; do sleep 0.05; done";
      const id = await running(caller, script(text));
      const logs = async () => await caller.crictl(["logs", id]);
      for (const end = Date.now() + 10_000; !(await logs()).stderr.includes("err"); ) assert.ok(Date.now() < end);
      assert.deepEqual(await logs(), { code: 0, stdout: "out\n", stderr: "err\n" });
      await caller.crictlOk(["stop", "--timeout", "10", id]);
      const { state, exitCode } = await inspect(caller, id);
      assert.deepEqual([state, exitCode], ["CONTAINER_EXITED", 6]);
      assert.match((await logs()).stdout, /asked/);
      await caller.crictlOk(["rm", id]);
      assert.equal(await caller.state(id, PODS), undefined);
    },
  },
  {
    name: "crictl exec, exec --sync: output and exit status",
    skip: noPods,
    body: async (caller) => {
      const id = await running(caller);
      assert.equal(await caller.crictlOk(["exec", id, "echo", "streamed"]), "streamed\n");
      const { code, stderr } = await caller.crictl(["exec", "--sync", id, "sh", "-c", "echo out; exit 3"]);
      assert.equal(code, 1);
      assert.match(stderr, /exited with 3/);
    },
  },
  {
    name: "crictl exec -i: standard input",
    skip: noPods,
    body: async (caller) => {
      const outcome = await caller.crictl(["exec", "-i", await running(caller), "wc", "-c"], "12345\n");
      assert.deepEqual([outcome.code, outcome.stdout], [0, "6\n"]);
    },
  },
  {
    name: "crictl exec -it: a terminal",
    skip: noPods,
    body: async (caller) => {
      const terminal = await caller.crictlTerminal(["exec", "-i", "-t", await running(caller), "sh"]);
      await hasTerminal(terminal);
      terminal.type("exit\n");
      assert.equal(await terminal.ended(), 0);
    },
  },
  {
    name: "crictl attach: to a container with standard input and a terminal",
    skip: noPods,
    body: async (caller) => {
      const id = await running(caller, { command: ["sh"], stdin: true, tty: true });
      const terminal = await caller.crictlTerminal(["attach", "-i", "-t", id]);
      terminal.type("echo attached to $((6 * 7))\n");
      await terminal.says("attached to 42");
      terminal.type("exit 8\n");
      await terminal.ended();
      assert.equal((await waitForExit(caller, id)).exitCode, 8);
    },
  },
  {
    name: "crictl exec of a missing command: the error of the runtime",
    skip: noPods,
    body: async (caller) => {
      const { code, stderr } = await caller.crictl(["exec", "--sync", await running(caller), "nonexistent"]);
      assert.equal(code, 1);
      assert.match(stderr, /OCI runtime exec failed: .*exec: \\?"nonexistent\\?": executable file not found in \$PATH/);
    },
  },
  {
    name: "crictl start of a missing command: the error of the runtime, exit status 128",
    skip: noPods,
    body: async (caller) => {
      const id = await createContainer(caller, await pod(caller), { ...linux(), command: ["nonexistent"] });
      const { code, stderr } = await caller.crictl(["start", id]);
      assert.equal(code, 1);
      assert.match(
        stderr,
        /OCI runtime create failed: .*exec: \\?"nonexistent\\?": executable file not found in \$PATH/,
      );
      const { exitCode, reason } = await inspect(caller, id);
      assert.deepEqual([exitCode, reason], [128, "StartError"]);
    },
  },
  {
    name: "ctr tasks pause, resume, metrics, checkpoint of a pod's container",
    skip: (caller) => noPods(caller) || without("freezer"),
    body: async (caller) => {
      const id = await running(caller);
      const namespace = PODS;
      await caller.ok(["tasks", "pause", id], { namespace });
      assert.equal(await caller.status(id, namespace), "PAUSED");
      await caller.ok(["tasks", "resume", id], { namespace });
      assert.equal(await caller.status(id, namespace), "RUNNING");
      assert.match(await caller.ok(["tasks", "metrics", id], { namespace }), /pids\.current\s+1\s/);
      const { code, stderr } = await caller.ctr(["tasks", "checkpoint", id], { namespace });
      assert.deepEqual([code, await caller.status(id, namespace)], [1, "RUNNING"], stderr);
    },
  },
];
