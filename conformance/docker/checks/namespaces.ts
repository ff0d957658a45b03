/** Whose namespaces containers are in, and what is set in them. */
import assert from "node:assert/strict";
import type { Check } from "../../harness/checks.ts";
import { namespaceOf } from "../../harness/host.ts";
import type { Docker } from "../caller.ts";

const SHARED = ["net", "pid", "ipc", "uts"];

/** Flags, and the namespace that is then the host's. */
const HOST: readonly (readonly [flags: readonly string[], namespace: string])[] = [
  [["--network", "host"], "net"],
  [["--pid", "host"], "pid"],
  [["--ipc", "host"], "ipc"],
  [["--uts", "host"], "uts"],
];

export const NAMESPACES: readonly Check<Docker>[] = [
  ...HOST.map(
    ([flags, namespace]): Check<Docker> => ({
      name: `run ${flags.join(" ")}: that namespace alone is the host's`,
      body: async (docker) => {
        const pid = await docker.pid(await docker.background(flags));
        for (const kind of SHARED)
          assert.equal(namespaceOf(pid, kind) === namespaceOf("self", kind), kind === namespace, kind);
      },
    }),
  ),
  {
    name: "run --network, --pid, --ipc container:NAME: of the other container",
    body: async (docker) => {
      const first = await docker.background(["--ipc", "shareable"]);
      const flags = ["--network", "--pid", "--ipc"].flatMap((flag) => [flag, `container:${first}`]);
      const [one, two] = [await docker.pid(first), await docker.pid(await docker.background(flags))];
      for (const kind of ["net", "pid", "ipc"]) assert.equal(namespaceOf(two, kind), namespaceOf(one, kind), kind);
      assert.notEqual(namespaceOf(two, "mnt"), namespaceOf(one, "mnt"));
    },
  },
  {
    name: "run: the loopback device is up, and no other is there",
    body: async (docker) => {
      assert.equal(
        await docker.output([], "ls /sys/class/net; ip -o address show lo | grep -c 127.0.0.1/8"),
        "lo\n1\n",
      );
    },
  },
  {
    name: "network create, run --network --ip: containers reach one another",
    body: async (docker) => {
      await docker.ok(["network", "create", "--subnet", "10.89.0.0/24", "inside"]);
      await docker.background(["--network", "inside", "--ip", "10.89.0.9"], ["sh", "-c", "nc -l -p 77 -e echo hello"]);
      const script = "until nc 10.89.0.9 77 2>/dev/null; do sleep 0.05; done";
      assert.equal(await docker.output(["--network", "inside"], script), "hello\n");
      for (const name of (await docker.ok(["ps", "-aq"])).trim().split("\n")) await docker.ok(["rm", "-f", name]);
      await docker.ok(["network", "rm", "inside"]);
    },
  },
  {
    name: "run --cgroupns private: it sees itself at the root",
    body: async (docker) => {
      const pid = await docker.pid(await docker.background(["--cgroupns", "private"]));
      assert.notEqual(namespaceOf(pid, "cgroup"), namespaceOf("self", "cgroup"));
      const text = await docker.output(["--cgroupns", "private"], "cut -d: -f3 /proc/self/cgroup | sort -u");
      assert.equal(text, "/\n");
    },
  },
  {
    name: "run --sysctl",
    body: async (docker) => {
      const flags = ["--sysctl", "kernel.msgmax=9000", "--sysctl", "net.ipv4.ip_default_ttl=33"];
      const script = "cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_default_ttl";
      assert.equal(await docker.output(flags, script), "9000\n33\n");
    },
  },
];
