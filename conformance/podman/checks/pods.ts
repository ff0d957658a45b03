/** Pods: containers that join the namespaces of one that does nothing. */
import assert from "node:assert/strict";
import { namespaceOf } from "../../harness/host.ts";
import type { Podman } from "../caller.ts";
import type { Check } from "../verdict.ts";

async function pod(podman: Podman, flags: readonly string[]): Promise<string> {
  const name = podman.pod();
  const { cgroup } = podman.place;
  const parent = cgroup === undefined ? [] : ["--cgroup-parent", cgroup];
  await podman.ok(["pod", "create", "--name", name, "--network", "none", ...parent, ...flags]);
  return name;
}

async function member(podman: Podman, name: string, script?: string): Promise<string> {
  return await podman.background(["--pod", name], script);
}

export const PODS: readonly Check[] = [
  {
    name: "pod: two containers share ipc, net and uts",
    body: async (podman) => {
      const name = await pod(podman, ["--hostname", "pod"]);
      const first = await member(podman, name, "echo from the first >/dev/shm/file; echo ready; exec sleep 1000");
      const second = await member(podman, name);
      const [one, other] = [await podman.pid(first), await podman.pid(second)];
      for (const file of ["ipc", "net", "uts"]) {
        assert.equal(namespaceOf(other, file), namespaceOf(one, file), file);
        assert.notEqual(namespaceOf(one, file), namespaceOf("self", file), file);
      }
      for (const file of ["mnt", "pid"]) assert.notEqual(namespaceOf(other, file), namespaceOf(one, file), file);
      const seen = () => podman.podman(["exec", second, "sh", "-c", "cat /dev/shm/file; hostname"]);
      await podman.logs(first, "ready");
      assert.deepEqual(await seen(), { code: 0, stdout: "from the first\npod\n", stderr: "" });
      assert.match(
        await podman.ok(["pod", "inspect", "--format", "{{.State}} {{.NumContainers}}", name]),
        /^Running 3\n/,
      );
    },
  },
  {
    name: "pod --share pid: each sees the other's processes",
    body: async (podman) => {
      const name = await pod(podman, ["--share", "pid"]);
      const first = await member(podman, name, "exec sleep 1111");
      const second = await member(podman, name, "exec sleep 2222");
      assert.equal(namespaceOf(await podman.pid(first), "pid"), namespaceOf(await podman.pid(second), "pid"));
      assert.match(await podman.ok(["exec", first, "ps"]), /sleep 2222/);
      await podman.ok(["kill", second]);
      assert.equal(await podman.wait(second), 137);
      assert.doesNotMatch(await podman.ok(["exec", first, "ps"]), /sleep 2222/);
    },
  },
  {
    name: "pod stop, start, rm -f",
    body: async (podman) => {
      const name = await pod(podman, []);
      const first = await member(podman, name);
      await podman.ok(["pod", "stop", "--time", "0", name]);
      assert.equal(await podman.inspect(first, "{{.State.Status}}"), "exited");
      await podman.ok(["pod", "start", name]);
      assert.equal(await podman.inspect(first, "{{.State.Status}}"), "running");
      await podman.ok(["pod", "rm", "--force", "--time", "0", name]);
      assert.equal((await podman.podman(["pod", "exists", name])).code, 1);
    },
  },
];
