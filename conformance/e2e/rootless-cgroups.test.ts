/** An ordinary user on pure cgroup v2: with a part of the tree delegated, as systemd does it, and without. */
import { chownSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { place, UNIFIED, without } from "../harness/cgroups.ts";
import { asUser, noUserNamespaces, only, owned, UID } from "../harness/ordinary-user.ts";
import { type Box, cgroupsNamed, e2e, type Invocation, read, refused, sleeper, succeeded } from "../harness.ts";

const ROOT = "/sys/fs/cgroup";
const skip = noUserNamespaces || (UNIFIED ? without("pids") || without("memory") : "this host has no pure cgroup v2");

/** A place for the user's session, and tsoci called from there. */
interface Session {
  readonly directory: string;
  readonly user: Invocation;
  remove(): void;
}

/** `delegated`: the user owns the directory above the session, and got the controller pids alone. */
function session(box: Box, delegated: boolean): Session {
  const slice = join(ROOT, `${box.tag}-slice`);
  const above = join(slice, "user");
  const directory = join(above, "session");
  mkdirSync(directory, { recursive: true });
  if (delegated) {
    for (const parent of [ROOT, slice, above]) writeFileSync(join(parent, "cgroup.subtree_control"), "+pids");
    for (const file of ["", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control"])
      chownSync(join(above, file), UID, UID);
    for (const file of ["", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control"])
      chownSync(join(directory, file), UID, UID);
  }
  const user = asUser(box);
  const enter = ["sh", "-c", `echo 0 > ${directory}/cgroup.procs; exec "$@"`, "sh"];
  return {
    directory: above,
    user: { ...user, through: [...enter, ...(user.through ?? [])] },
    remove: () => {
      rmdirSync(directory);
      rmdirSync(above);
      rmdirSync(slice);
    },
  };
}

e2e(
  "with delegation the container gets a cgroup beside the user's session, with limits, and exec joins it",
  async (t, box) => {
    const { directory, user, remove } = session(box, true);
    const c = owned(box.container(sleeper(only({ linux: { resources: { pids: { limit: 33 } } } }))));
    succeeded(t, await c.create([], user), "create");
    const { pid } = await c.state(user);
    t.equal(place(pid, ""), join(directory, c.id));
    t.equal(read(join(directory, c.id, "pids.max")), "33\n");
    succeeded(t, await c.start(user), "start");
    const { stdout, stderr } = await c.exec(["cat", "/proc/self/cgroup"], user);
    t.equal(stdout, "0::/\n", stderr);
    succeeded(t, await c.delete(["--force"], user), "delete");
    t.strictSame(
      cgroupsNamed((name) => name === c.id),
      [],
    );
    remove();
  },
  { skip },
);

e2e(
  "a controller that was not delegated is named",
  async (t, box) => {
    const { user, remove } = session(box, true);
    const c = owned(box.container(sleeper(only({ linux: { resources: { memory: { limit: 32 << 20 } } } }))));
    refused(
      t,
      await c.create([], user),
      /^create failed: \/linux\/resources\/memory\/limit: the memory controller is not available in \S+-slice\/user$/,
      "memory",
    );
    remove();
  },
  { skip },
);

e2e(
  "without delegation the container stays in the user's session, and limits are refused",
  async (t, box) => {
    const { directory, user, remove } = session(box, false);
    const c = owned(box.container(sleeper(only())));
    succeeded(t, await c.create([], user), "create");
    t.equal(place((await c.state(user)).pid, ""), join(directory, "session"));
    succeeded(t, await c.start(user), "start");
    t.equal((await c.exec(["id", "-u"], user)).stdout, "0\n");
    succeeded(t, await c.delete(["--force"], user), "delete");
    const limited = owned(box.container(sleeper(only({ linux: { resources: { pids: { limit: 5 } } } }))));
    refused(
      t,
      await limited.create([], user),
      /^create failed: \/linux\/resources\/pids\/limit: rootless needs no limits \+ no cgrouppath/,
      "a limit",
    );
    remove();
  },
  { skip },
);
