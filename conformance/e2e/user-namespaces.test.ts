/** User namespaces: mappings, ids on both sides, and what their root may and may not do. */
import { chownSync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import {
  type Config,
  e2e,
  merge,
  mounts,
  namespaceHolder,
  namespaceOf,
  read,
  refused,
  script,
  sleeper,
  statusField,
  succeeded,
} from "../harness.ts";

const TYPES = ["user", "mount", "pid", "ipc", "uts", "network", "cgroup"].map((type) => ({ type }));
const FULL = [{ containerID: 0, hostID: 100000, size: 65536 }];

function mapped(mappings: Config[] = FULL, gids: Config[] = mappings): Config {
  return { linux: { namespaces: TYPES, uidMappings: mappings, gidMappings: gids } };
}

e2e("root inside is nobody outside", async (t, box) => {
  const c = box.container(sleeper(mapped()));
  succeeded(t, await c.run(["-d"]), "run");
  const pid = await c.pid();
  t.equal(statusField(pid, "Uid"), "100000\t100000\t100000\t100000");
  t.equal(statusField(pid, "Gid"), "100000\t100000\t100000\t100000");
  t.match(read(`/proc/${pid}/uid_map`), /^ +0 +100000 +65536\n$/);
  t.match((await c.exec(["id"])).stdout, /^uid=0.* gid=0/);
});

e2e("files belong to whom the mapping says", async (t, box) => {
  const c = box.container(script("touch /data/new", mapped()), (rootfs) => {
    mkdirSync(join(rootfs, "data"));
    chownSync(join(rootfs, "data"), 100000, 100000);
  });
  t.equal((await c.run()).code, 0);
  const { uid, gid } = statSync(join(c.rootfs, "data/new"));
  t.strictSame([uid, gid], [100000, 100000]);
});

e2e("several mappings", async (t, box) => {
  const mappings = [
    { containerID: 0, hostID: 200000, size: 10 },
    { containerID: 1000, hostID: 1000, size: 1 },
    { containerID: 2000, hostID: 300000, size: 100 },
  ];
  const c = box.container(
    sleeper({ ...mapped(mappings), process: { user: { uid: 1000, gid: 2005, additionalGids: [3, 2001] } } }),
  );
  await c.run(["-d"]);
  const pid = await c.pid();
  t.equal(statusField(pid, "Uid"), "1000\t1000\t1000\t1000");
  t.equal(statusField(pid, "Gid"), "300005\t300005\t300005\t300005");
  t.strictSame(statusField(pid, "Groups")?.split(" ").map(Number).sort(), [200003, 300001]);
});

e2e("uid 0 need not be mapped", async (t, box) => {
  const mappings = [{ containerID: 1000, hostID: 100000, size: 10 }];
  const user = { uid: 1000, gid: 1000 };
  // Without a root nobody owns what is mounted: only what needs no owner.
  const c = box.container(
    script("id -u; id -g; cat /proc/self/uid_map", { ...mapped(mappings), process: { user } }),
    (rootfs) => {
      chownSync(rootfs, 100000, 100000);
      for (const name of ["dev", "proc", "sys"]) chownSync(join(rootfs, name), 100000, 100000);
    },
  );
  const { code, stdout, stderr } = await c.run();
  t.strictSame({ code, stderr }, { code: 0, stderr: "" });
  t.match(stdout, /^1000\n1000\n +1000 +100000 +10\n$/);
});

e2e("exec into a container whose root is nobody", async (t, box) => {
  const mappings = [{ containerID: 1000, hostID: 100000, size: 10 }];
  const c = box.container(sleeper({ ...mapped(mappings), process: { user: { uid: 1000, gid: 1000 } } }));
  succeeded(t, await c.run(["-d"]), "run");
  const { stdout, stderr } = await c.exec(["/bin/sh", "-c", "id -u; id -g; grep CapEff /proc/self/status"]);
  t.match(stdout, /^1000\n1000\nCapEff:\t0+\n$/, stderr);
});

e2e("an id of the process that is not mapped is an error that names it", async (t, box) => {
  for (const [user, pointer] of [
    [{ uid: 70000, gid: 0 }, /\/process\/user/],
    [{ uid: 0, gid: 70000 }, /\/process\/user/],
    [{ uid: 0, gid: 0, additionalGids: [5, 70000] }, /\/process\/user/],
  ] as const) {
    const c = box.container(sleeper({ ...mapped(), process: { user } }));
    refused(t, await c.create(), pointer, JSON.stringify(user));
  }
});

e2e("mappings that the kernel or the specification refuses", async (t, box) => {
  const overlap = [FULL[0] ?? {}, { containerID: 5, hostID: 900000, size: 1 }];
  refused(
    t,
    await box.container(sleeper(mapped(overlap))).create(),
    /^create failed: \/linux\/uidMappings/,
    "overlapping",
  );
  const without = sleeper({ linux: { namespaces: TYPES } });
  refused(t, await box.container(without).create(), /^create failed: \/linux\/(namespaces|uidMappings)/, "no mappings");
});

e2e("devices are bound from the host, and work", async (t, box) => {
  const text = "echo x > /dev/null && head -c 3 /dev/zero | wc -c; ls -ln /dev/null; ls -l /dev/ptmx /dev/fd";
  const { stdout, stderr, code } = await box.container(script(text, mapped())).run();
  t.strictSame({ code, stderr }, { code: 0, stderr: "" });
  t.match(stdout, /^3\ncrw-rw-rw- +1 65534 +65534 +1, +3 .*\n/, "the owner is the host's root: nobody here");
});

e2e("binds from directories that only root may enter", async (t, box) => {
  const secret = box.path("secret");
  mkdirSync(secret, { mode: 0o700 });
  mkdirSync(join(secret, "data"));
  writeFileSync(join(secret, "data", "file"), "content\n");
  const change = {
    ...mapped(),
    ...mounts({ destination: "/data", type: "bind", source: join(secret, "data"), options: ["rbind", "ro"] }),
  };
  const c = box.container(script("cat /data/file; touch /data/x 2>&1", change), (rootfs) =>
    chownSync(rootfs, 100000, 100000),
  );
  const { stdout, stderr } = await c.run();
  t.equal(stdout, "content\ntouch: /data/x: Read-only file system\n", stderr);
});

e2e("a bundle in a directory that only root may enter", async (t, box) => {
  const c = box.container(script("echo inside", mapped()));
  const hidden = box.path("hidden");
  mkdirSync(hidden, { mode: 0o700 });
  renameSync(c.bundle, join(hidden, "bundle"));
  const outcome = await box.tsoci(["run", "-b", join(hidden, "bundle"), c.id]);
  t.strictSame([outcome.code, outcome.stdout, outcome.stderr], [0, "inside\n", ""]);
});

e2e("a joined user namespace, with the others of its owner", async (t, box) => {
  const { pid, end } = await namespaceHolder(box, true);
  const join = (type: string, file: string) => ({ type, path: `/proc/${pid}/ns/${file}` });
  const types = [
    join("user", "user"),
    join("network", "net"),
    join("ipc", "ipc"),
    join("uts", "uts"),
    { type: "mount" },
    { type: "pid" },
  ];
  const c = box.container(sleeper({ hostname: undefined, linux: { namespaces: types } }));
  succeeded(t, await c.run(["-d"]), "run");
  const init = await c.pid();
  for (const file of ["user", "net", "ipc", "uts"]) t.equal(namespaceOf(init, file), namespaceOf(pid, file), file);
  for (const file of ["mnt", "pid"]) t.not(namespaceOf(init, file), namespaceOf(pid, file), file);
  t.equal(statusField(init, "Uid"), "100000\t100000\t100000\t100000");
  await c.delete(["--force"]);
  await end();
});

e2e("a container joins all namespaces of another one", async (t, box) => {
  const first = box.container(sleeper(mapped()));
  await first.run(["-d"]);
  const pid = await first.pid();
  const join = (type: string, file = type) => ({ type, path: `/proc/${pid}/ns/${file}` });
  const types = [
    join("user"),
    join("network", "net"),
    join("ipc"),
    join("uts"),
    join("pid"),
    join("cgroup"),
    { type: "mount" },
  ];
  const second = box.container(sleeper({ hostname: undefined, linux: { namespaces: types } }));
  succeeded(t, await second.run(["-d"]), "run");
  const init = await second.pid();
  for (const file of ["user", "net", "ipc", "uts", "pid", "cgroup"])
    t.equal(namespaceOf(init, file), namespaceOf(pid, file), file);
  t.match((await first.exec(["ps"])).stdout, /sleep 1000[\s\S]*sleep 1000/, "they see one another");
});

/** The host of these has no /dev/mqueue, whatever this one has. */
const WITHOUT_MQUEUE = [
  "unshare",
  "-m",
  "sh",
  "-c",
  'mount -t tmpfs tmpfs /dev/shm; ! mountpoint -q /dev/mqueue || umount /dev/mqueue; exec "$@"',
  "sh",
];

e2e("the message queues of the host's ipc namespace", async (t, box) => {
  const types = TYPES.filter(({ type }) => type !== "ipc");
  const ids = { uidMappings: FULL, gidMappings: FULL };
  const text = "grep ' /dev/mqueue ' /proc/self/mountinfo | cut -d' ' -f5-; ls /dev/mqueue";
  const c = box.container(script(text, { linux: { namespaces: types, ...ids } }));
  const { code, stdout, stderr } = await c.run([], { through: WITHOUT_MQUEUE });
  t.strictSame([code, stderr], [0, ""]);
  t.match(stdout, /^\/dev\/mqueue rw,nosuid,nodev,noexec\S* - mqueue mqueue rw\n/);
});

e2e("the queues of a joined ipc namespace are not replaced by the host's", async (t, box) => {
  const { pid, end } = await namespaceHolder(box, false);
  const namespaces = TYPES.map((each) => (each.type === "ipc" ? { ...each, path: `/proc/${pid}/ns/ipc` } : each));
  const c = box.container(script("true", { linux: { namespaces, uidMappings: FULL, gidMappings: FULL } }));
  const message =
    "run failed: /mounts/4: mount mqueue on /dev/mqueue: a user namespace may not, or only in namespaces that it owns: operation not permitted";
  refused(t, await c.run(), message, "the namespace belongs to the host");
  await end();
});

e2e("devices of the host that are standard streams keep their owner", async (t, box) => {
  for (const [name, minor] of [
    ["null", 3],
    ["zero", 5],
  ] as const) {
    const device = box.path(name);
    await execa("mknod", ["-m", "666", device, "c", "1", String(minor)]);
    const through = ["sh", "-c", `exec "$@" < ${device} > ${device} 2> ${device}`, "sh"];
    const user = { process: { user: { uid: 1000, gid: 1000 } } };
    for (const config of [sleeper(mapped()), sleeper(merge(mapped(), user)), sleeper(user)]) {
      const c = box.container(config);
      t.equal((await c.run(["-d"], { through })).code, 0);
      t.equal((await box.tsoci(["exec", "-d", c.id, "true"], { through })).code, 0);
      const { uid, gid } = statSync(device);
      t.strictSame([uid, gid], [0, 0], name);
      await c.delete(["--force"]);
    }
  }
});
