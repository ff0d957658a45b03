/** CRI: pods, by the documented configuration and RuntimeClass. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Check } from "../../harness/checks.ts";
import { isAlive, namespaceOf } from "../../harness/host.ts";
import { type Containerd, PODS as NAMESPACE } from "../caller.ts";
import { documentedHandler } from "../configuration.ts";
import { NO_NETWORK, networkPlugins } from "../needs.ts";
import { CONTAINER, inspect, NODE, noPods, podPid, startContainer, startPod } from "../pod.ts";

const noNetwork = (caller: Containerd) => noPods(caller) || (networkPlugins() ? false : NO_NETWORK);
/** Pods that need no plugins: in the node's network. */
const ON_NODE = { namespace_options: { network: NODE } };

export const PODS: readonly Check<Containerd>[] = [
  {
    name: "crictl info: ready, and the documented runtime is there with its options",
    skip: noNetwork,
    body: async (caller) => {
      const { status, config } = JSON.parse(await caller.crictlOk(["info"]));
      assert.deepEqual(
        status.conditions.map(({ type, status }: { type: string; status: boolean }) => [type, status]),
        [
          ["RuntimeReady", true],
          ["NetworkReady", true],
        ],
      );
      const { runtimeType, options } = config.containerd.runtimes[documentedHandler()];
      assert.deepEqual([runtimeType, options.BinaryName], ["io.containerd.runc.v2", "/usr/local/bin/tsoci"]);
    },
  },
  {
    name: "crictl runp, stopp, rmp: a pod with a network",
    skip: noNetwork,
    body: async (caller) => {
      const pod = await startPod(caller);
      const pid = await podPid(caller, pod);
      assert.notEqual(namespaceOf(pid, "net"), namespaceOf("self", "net"));
      assert.match(readFileSync(`/proc/${pid}/net/fib_trie`, "utf8"), /10\.88\.0\./);
      assert.match(readFileSync(`/proc/${pid}/cgroup`, "utf8"), new RegExp(`/${caller.host.name}/${pod.id}$`, "m"));
      const state = await caller.state(pod.id, NAMESPACE);
      assert.deepEqual([state?.status, state?.pid], ["running", pid]);
      await caller.crictlOk(["stopp", pod.id]);
      assert.ok(!isAlive(pid));
      await caller.crictlOk(["rmp", pod.id]);
      assert.equal(await caller.state(pod.id, NAMESPACE), undefined);
    },
  },
  {
    name: "crictl runp: network, pid and ipc of the node",
    skip: noPods,
    body: async (caller) => {
      const options = { namespace_options: { network: NODE, pid: NODE, ipc: NODE } };
      const pod = await startPod(caller, options);
      const { pid } = await inspect(
        caller,
        await startContainer(caller, pod, { linux: { security_context: options } }),
      );
      for (const kind of ["net", "pid", "ipc"]) assert.equal(namespaceOf(pid, kind), namespaceOf("self", kind), kind);
    },
  },
  {
    name: "crictl create: containers share the pod's namespaces, and its pid namespace or not",
    skip: noNetwork,
    body: async (caller) => {
      const pod = await startPod(caller);
      const pid = await podPid(caller, pod);
      const shared = (await inspect(caller, await startContainer(caller, pod))).pid;
      for (const kind of ["net", "ipc", "uts", "pid"])
        assert.equal(namespaceOf(shared, kind), namespaceOf(pid, kind), kind);
      const linux = { security_context: { namespace_options: { pid: CONTAINER } } };
      const own = (await inspect(caller, await startContainer(caller, pod, { linux }))).pid;
      assert.equal(namespaceOf(own, "net"), namespaceOf(pid, "net"));
      assert.notEqual(namespaceOf(own, "pid"), namespaceOf(pid, "pid"));
    },
  },
  {
    name: "crictl stopp: ends containers that are still running",
    skip: noPods,
    body: async (caller) => {
      const pod = await startPod(caller, ON_NODE);
      const script = "trap 'exit 0' TERM; while :; do sleep 0.05; done";
      const id = await startContainer(caller, pod, {
        command: ["sh", "-c", script],
        linux: { security_context: ON_NODE },
      });
      const { pid } = await inspect(caller, id);
      await caller.crictlOk(["stopp", pod.id]);
      assert.ok(!isAlive(pid));
      assert.equal((await inspect(caller, id)).state, "CONTAINER_EXITED");
    },
  },
  {
    name: "crictl runp: sysctls of the pod",
    skip: noNetwork,
    body: async (caller) => {
      const sysctls = { "net.ipv4.ip_unprivileged_port_start": "80", "kernel.shm_rmid_forced": "1" };
      const pod = await startPod(caller, {}, { sysctls });
      const id = await startContainer(caller, pod);
      const files = ["/proc/sys/net/ipv4/ip_unprivileged_port_start", "/proc/sys/kernel/shm_rmid_forced"];
      assert.match(await caller.crictlOk(["exec", "--sync", id, "cat", ...files]), /^80\n1\n\s*$/);
    },
  },
];
