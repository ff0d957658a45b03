/** dockerd --userns-remap: containers in user namespaces. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { Check } from "../../harness/checks.ts";
import { namespaceOf, statusField } from "../../harness/host.ts";
import { hasTerminal } from "../../harness/terminal.ts";
import type { Docker } from "../caller.ts";
import { addUser, FIRST, USER } from "../subordinate.ts";

const MAP = `0 ${FIRST} 65536`;
const READ_MAP = "echo $(cat /proc/self/uid_map)";

async function inUserNamespaces(docker: Docker): Promise<void> {
  const name = await docker.background(["--tmpfs", "/t", "-v", "/volume", "--memory", "30m", "--pids-limit", "30"]);
  const pid = await docker.pid(name);
  assert.notEqual(namespaceOf(pid, "user"), namespaceOf("self", "user"));
  assert.equal(statusField(pid, "Uid"), Array(4).fill(FIRST).join("\t"));
  const script = `${READ_MAP}; touch /x /t/x /volume/x && stat -c %u /x /t/x /volume/x`;
  assert.equal(await docker.ok(["exec", name, "sh", "-c", script]), `${MAP}\n0\n0\n0\n`);
  const terminal = await docker.terminal(["exec", "-it", "--user", "1000", name, "sh"]);
  await hasTerminal(terminal);
  terminal.type("exit 6\n");
  assert.equal(await terminal.ended(), 6);
  const { stderr } = await docker.run(["--read-only"], ["touch", "/x"]);
  assert.equal(stderr, "touch: /x: Read-only file system\n");
  assert.equal(await docker.output(["--userns", "host"], READ_MAP), "0 0 4294967295\n");
  assert.equal((await docker.run([], ["nope"])).code, 127);
}

export const USER_NAMESPACES: readonly Check<Docker>[] = [
  {
    name: "dockerd --userns-remap: root of a container is an ordinary user of the host",
    skip: () => (existsSync("/etc/subuid") && existsSync("/etc/subgid") ? false : "this host has no /etc/subuid"),
    body: async (docker) => {
      addUser(docker.host.directory);
      const other = docker.another("remapped", [`--userns-remap=${USER}`]);
      await other.start();
      try {
        await inUserNamespaces(other);
      } finally {
        await other.clean();
        await other.daemon.stop();
      }
    },
  },
];
