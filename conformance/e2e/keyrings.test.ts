/** Session keyrings (session-keyring(7)): the caller's keys are not the container's. */
import { type Config, e2e, merge, read, sleeper, succeeded } from "../harness.ts";

/** Of the session, as keys(5) lists them: "0a1b2c3d", "_ses.ID". */
function keyringsIn(text: string, name: string): string[] {
  const lines = text.split("\n").filter((line) => line.includes(`keyring   ${name}:`));
  return lines.map((line) => line.split(" ")[0] ?? "");
}

const KEYS = ["sh", "-c", "cat /proc/keys"];
const USER_NAMESPACE: Config = {
  linux: {
    namespaces: ["user", "mount", "pid", "network", "ipc", "uts"].map((type) => ({ type })),
    uidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
    gidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
  },
};
const skip = read("/proc/keys") === undefined ? "this kernel has no keyrings" : false;

e2e(
  "a container has a session keyring of its own, and exec joins it",
  async (t, box) => {
    for (const change of [{}, USER_NAMESPACE, { process: { user: { uid: 1000, gid: 1000 } } }]) {
      const c = box.container(merge(sleeper(), change));
      succeeded(t, await c.run(["-d"]), "run");
      const first = await c.exec(KEYS);
      const second = await c.exec(KEYS);
      const found = keyringsIn(first.stdout, `_ses.${c.id}`);
      t.equal(found.length, 1, `one keyring: ${first.stdout}`);
      t.strictSame(keyringsIn(second.stdout, `_ses.${c.id}`), found, "the same one");
    }
  },
  { skip },
);

e2e(
  "--no-new-keyring: the caller's stays, for exec too",
  async (t, box) => {
    const c = box.container(sleeper());
    succeeded(t, await c.run(["-d", "--no-new-keyring"]), "run");
    const { stdout } = await c.exec(KEYS);
    t.strictSame(keyringsIn(stdout, `_ses.${c.id}`), []);
  },
  { skip },
);
