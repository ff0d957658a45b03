/** Id-mapped mounts (config.md, "Linux mount options"; mount_setattr(2)): whose files are whose, on both sides. */
import { chownSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Box,
  type Config,
  e2e,
  mounts,
  namespaceHolder,
  nothingLeft,
  program,
  refused,
  script,
  sleeper,
} from "../harness.ts";

const TYPES = ["user", "mount", "pid", "ipc", "uts", "network", "cgroup"].map((type) => ({ type }));
const BASE = 100000;
const FULL = [{ containerID: 0, hostID: BASE, size: 65536 }];
const IN_USER_NAMESPACE = { linux: { namespaces: TYPES, uidMappings: FULL, gidMappings: FULL } };

/** A directory of the host with a file of uid 1, gid 2. */
function volume(box: Box, name = "volume"): string {
  const path = box.path(name);
  mkdirSync(path);
  writeFileSync(join(path, "file"), "");
  chownSync(join(path, "file"), 1, 2);
  return path;
}

/** The mount point is there: the root of a user namespace may make nothing in a directory of the host's root. */
const withMountPoint = (rootfs: string) => mkdirSync(join(rootfs, "data"));

function owners(box: Box, mount: Config, config: Config = {}, command = "") {
  const { mounts: entries } = mounts({ destination: "/data", ...mount });
  const show = script(`${command} stat -c '%n %u %g' /data/*`, { ...config, mounts: entries });
  return box.container(show, withMountPoint);
}

e2e("idmap with the mappings of the container's user namespace", async (t, box) => {
  const source = volume(box);
  for (const option of ["idmap", "ridmap"]) {
    const c = owners(box, { source, options: ["bind", option] }, IN_USER_NAMESPACE, "touch /data/new;");
    const { code, stdout, stderr } = await c.run();
    t.strictSame({ code, stderr, stdout }, { code: 0, stderr: "", stdout: "/data/file 1 2\n/data/new 0 0\n" }, option);
    const { uid, gid } = statSync(join(source, "new"));
    t.strictSame([uid, gid], [0, 0], "on the filesystem it belongs to whom the container takes itself for");
  }
  const plain = owners(box, { source, options: ["bind"] }, IN_USER_NAMESPACE);
  t.equal((await plain.run()).stdout, "/data/file 65534 65534\n/data/new 65534 65534\n", "without it: nobody's");
});

e2e("idmap in a user namespace that the container joins", async (t, box) => {
  const source = volume(box);
  // It maps as FULL does.
  const { pid, end } = await namespaceHolder(box, true);
  const namespaces = TYPES.map((each) => (each.type === "user" ? { ...each, path: `/proc/${pid}/ns/user` } : each));
  const c = owners(box, { source, options: ["bind", "idmap"] }, { linux: { namespaces } });
  const { code, stdout, stderr } = await c.run();
  t.strictSame({ code, stderr, stdout }, { code: 0, stderr: "", stdout: "/data/file 1 2\n" });
  await end();
});

e2e("a mount's own mappings, with and without a user namespace", async (t, box) => {
  const source = volume(box);
  const own = (hostID: number) => {
    const mappings = [{ containerID: 0, hostID, size: 10 }];
    return { source, uidMappings: mappings, gidMappings: mappings };
  };
  const plain = await owners(box, { ...own(5000), options: ["bind", "idmap"] }).run();
  t.strictSame([plain.code, plain.stdout, plain.stderr], [0, "/data/file 5001 5002\n", ""]);
  const unnamed = await owners(box, { ...own(5000), options: ["bind"] }).run();
  t.equal(unnamed.stdout, "/data/file 5001 5002\n", "mappings are not ignored for want of the option");
  const inside = await owners(box, { ...own(BASE + 300), options: ["bind", "idmap"] }, IN_USER_NAMESPACE).run();
  t.equal(inside.stdout, "/data/file 301 302\n");
  const c = owners(box, { ...own(5000), options: ["bind", "idmap"] });
  await c.run();
  t.equal(statSync(join(source, "file")).uid, 1, "the host's own view is as before");
});

e2e("crun's mappings in the option", async (t, box) => {
  const source = volume(box);
  const shown = async (option: string, config: Config = {}) => {
    const { stdout, stderr } = await owners(box, { source, options: ["bind", option] }, config).run();
    return stdout + stderr;
  };
  t.equal(await shown("idmap=uids=0-5000-1#1-7000-1;gids=2-8000-1"), "/data/file 7000 8000\n");
  t.equal(await shown("idmap=uids=@1-5-1;gids=@2-6-1", IN_USER_NAMESPACE), "/data/file 5 6\n", "relative");
  t.equal(await shown("idmap=gids=0-100000-65536;uids=0-100000-65536", IN_USER_NAMESPACE), "/data/file 1 2\n");
});

e2e("idmap is about one mount, ridmap about all below it", async (t, box) => {
  const source = volume(box);
  mkdirSync(join(source, "below"));
  const below = join(source, "below");
  const through = [
    ..."unshare --mount --propagation private sh -c".split(" "),
    `mount -t tmpfs t ${below} && touch ${below}/file && chown 3:4 ${below}/file && exec "$0" "$@"`,
  ];
  const mappings = [{ containerID: 0, hostID: 5000, size: 10 }];
  const shown = async (option: string) => {
    const mount = { source, options: ["rbind", option], uidMappings: mappings, gidMappings: mappings };
    const { mounts: entries } = mounts({ destination: "/data", ...mount });
    const command = "stat -c '%u %g' /data/file /data/below/file";
    return (await box.container(script(command, { mounts: entries })).run([], { through })).stdout;
  };
  t.equal(await shown("idmap"), "5001 5002\n3 4\n");
  t.equal(await shown("ridmap"), "5001 5002\n5003 5004\n");
});

e2e("attributes and propagation of an id-mapped mount", async (t, box) => {
  const source = volume(box);
  const c = owners(
    box,
    { source, options: ["bind", "idmap", "ro", "nosuid", "rshared"] },
    IN_USER_NAMESPACE,
    "grep ' /data ' /proc/self/mountinfo; touch /data/x 2>&1;",
  );
  const { stdout } = await c.run();
  t.match(stdout, / \/data ro,nosuid,relatime,idmapped shared:\d+ - /);
  t.match(stdout, /Read-only file system/);
  t.match(stdout, /\/data\/file 1 2\n$/);
});

e2e("what can't be mapped is refused, and why", async (t, box) => {
  const source = volume(box);
  const fails = async (mount: Config, message: RegExp, config: Config = {}) => {
    const { mounts: entries } = mounts({ destination: "/data", ...mount });
    refused(t, await box.container(sleeper({ ...config, mounts: entries })).create(), message, JSON.stringify(mount));
  };
  const six = "^create failed: /mounts/6";
  const bind = (option: string, more = source) => ({ source: more, options: ["bind", option] });
  await fails(bind("idmap"), new RegExp(`${six}/options.*: idmap needs .*mappings`, "i"));
  await fails(bind("idmap=uids=0-1-1"), new RegExp(`${six}/options/1: uids and gids must both be mapped`));
  await fails(bind("idmap=uids=0-1;gids=0-1-1"), new RegExp(`${six}/options/1: not three numbers.*"0-1"`));
  await fails(bind("idmap=pids=0-1-1"), new RegExp(`${six}/options/1: .*"pids=0-1-1"`));
  await fails(bind("idmap=uids=@0-1-1;gids=@0-1-1"), new RegExp(`${six}/options/1: no one mapping`));
  await fails(
    bind("idmap=uids=0-5-3#1-9-3;gids=0-0-1"),
    new RegExp(`${six}: make a user namespace with the mappings: uid_map: invalid argument$`),
  );
  await fails(
    bind("idmap=uids=0-1-1;gids=0-1-1", "/proc/self/ns"),
    new RegExp(`${six}: map the ids of the mount: this kernel can't map the ids of the filesystem: invalid argument$`),
  );
  await fails(
    { type: "tmpfs", options: ["idmap"] },
    new RegExp(`${six}/options: idmap is for bind`),
    IN_USER_NAMESPACE,
  );
  await nothingLeft(t, box);
});

e2e("without mount_setattr(2) it is refused by its name", async (t, box) => {
  const without = await program("without");
  for (const error of ["ENOSYS", "EPERM"]) {
    const c = owners(box, { source: volume(box, error), options: ["bind", "idmap"] }, IN_USER_NAMESPACE);
    const outcome = await c.run([], { through: [without, error, "mount_setattr"] });
    refused(t, outcome, /^run failed: \/mounts\/6: map the ids of the mount: .*mount_setattr \(Linux 5\.12/, error);
  }
});
