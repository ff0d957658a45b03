/** Options of mounts (config.md), by what the container's own mountinfo says. */
import { chownSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Box, type Config, e2e, type MountLine, mounts, parseMountinfo, script } from "../harness.ts";

async function mountinfo(box: Box, ...more: Config[]): Promise<MountLine[]> {
  const { code, stdout, stderr } = await box.container(script("cat /proc/self/mountinfo", mounts(...more))).run();
  if (code !== 0 || stderr !== "") throw new Error(stderr);
  return parseMountinfo(stdout);
}

function at(lines: readonly MountLine[], target: string): MountLine | undefined {
  return lines.findLast((line) => line.target === target);
}

/** Options of a mount that is writable and nothing else. */
const PLAIN = ["rw", "relatime"];

/** options → what must be among the options of the mount, and what must not. */
const BIND_OPTIONS: [string[], string[], string[]][] = [
  [["bind"], PLAIN, ["ro", "nosuid", "nodev", "noexec", "nosymfollow"]],
  [["bind", "ro"], ["ro"], ["rw"]],
  [["bind", "ro", "rw"], ["rw"], ["ro"]],
  [["bind", "nosuid", "nodev", "noexec"], ["nosuid", "nodev", "noexec", "rw"], []],
  [["bind", "nosuid", "suid", "nodev", "dev", "noexec", "exec"], PLAIN, ["nosuid", "nodev", "noexec"]],
  [["bind", "noatime"], ["noatime"], ["relatime"]],
  [["bind", "strictatime"], ["rw"], ["relatime", "noatime"]],
  [["bind", "noatime", "relatime"], ["relatime"], ["noatime"]],
  [["bind", "nodiratime"], ["nodiratime"], []],
  [["bind", "nosymfollow"], ["nosymfollow"], []],
  [["bind", "relatime"], PLAIN, ["nosymfollow"]],
  [["rbind", "rro"], ["ro"], []],
  [
    ["rbind", "rnosuid", "rnodev", "rnoexec", "rnoatime", "rnodiratime", "rnosymfollow"],
    ["nosuid", "nodev", "noexec", "noatime", "nodiratime", "nosymfollow"],
    [],
  ],
  [["bind", "mode=755", "size=1k"], PLAIN, []],
  [["defaults", "bind"], PLAIN, []],
];

e2e("options of bind mounts", async (t, box) => {
  const source = box.path("source");
  mkdirSync(source);
  const entries = BIND_OPTIONS.map(([options], index) => ({
    destination: `/b/${index}`,
    type: "none",
    source,
    options,
  }));
  const lines = await mountinfo(box, ...entries);
  for (const [index, [options, present, absent]] of BIND_OPTIONS.entries()) {
    const got = at(lines, `/b/${index}`)?.options ?? [];
    for (const word of present) t.ok(got.includes(word), `${options}: ${word} in ${got}`);
    for (const word of absent) t.notOk(got.includes(word), `${options}: no ${word} in ${got}`);
  }
});

e2e("bind and rbind, recursive and not", async (t, box) => {
  const source = box.path("source");
  mkdirSync(join(source, "below"), { recursive: true });
  writeFileSync(join(source, "below", "hidden"), "");
  // Submounts of the caller's own mount namespace.
  const through = [
    "unshare",
    "--mount",
    "--propagation",
    "private",
    "sh",
    "-c",
    `mount -t tmpfs t ${source}/below && exec "$0" "$@"`,
  ];
  const bind = (name: string, ...options: string[]) => ({ destination: `/${name}`, source, options });
  const config = mounts(
    bind("plain", "bind"),
    bind("all", "rbind"),
    bind("ro", "rbind", "ro"),
    bind("rro", "rbind", "rro"),
    bind("slave", "bind", "rslave"),
  );
  const { stdout, stderr } = await box
    .container(script("cat /proc/self/mountinfo; ls /plain/below", config))
    .run([], { through });
  t.equal(stderr, "");
  const lines = parseMountinfo(stdout.replace(/hidden\n$/, ""));
  t.match(stdout, /hidden\n$/, "bind shows what the submount covers");
  t.equal(at(lines, "/plain/below"), undefined);
  t.equal(at(lines, "/slave/below"), undefined, "a recursive propagation does not make the bind recursive");
  t.match(at(lines, "/all/below"), { type: "tmpfs" });
  t.ok(at(lines, "/ro")?.options.includes("ro"));
  t.ok(at(lines, "/ro/below")?.options.includes("rw"), "ro is about one mount");
  t.ok(at(lines, "/rro/below")?.options.includes("ro"), "rro about all");
});

e2e("a filesystem's options, those of its mount, and its data", async (t, box) => {
  const tmpfs = (name: string, ...options: string[]) => ({
    destination: `/${name}`,
    type: "tmpfs",
    source: name,
    options,
  });
  const lines = await mountinfo(
    box,
    tmpfs("a", "size=64k", "nr_inodes=10", "mode=1750", "uid=5", "gid=6"),
    tmpfs("b", "ro", "nosuid", "nodev", "noexec", "noatime"),
    tmpfs("c", "sync", "dirsync", "mand", "lazytime"),
    tmpfs("d", "defaults"),
    { destination: "/e", type: "tmpfs" },
  );
  t.match(at(lines, "/a"), { type: "tmpfs", source: "a", options: ["rw", "relatime"] });
  for (const word of ["size=64k", "nr_inodes=10", "mode=1750", "uid=5", "gid=6"])
    t.ok(at(lines, "/a")?.superOptions.includes(word), word);
  for (const word of ["ro", "nosuid", "nodev", "noexec", "noatime"])
    t.ok(at(lines, "/b")?.options.includes(word), word);
  for (const word of ["sync", "dirsync"]) t.ok(at(lines, "/c")?.superOptions.includes(word), word);
  t.match(at(lines, "/d"), { type: "tmpfs", options: PLAIN });
  t.match(at(lines, "/e"), { type: "tmpfs", source: "tmpfs" });
  const { stdout } = await box
    .container(script("stat -c '%a %u %g' /a", mounts(tmpfs("a", "mode=1750", "uid=5", "gid=6"))))
    .run();
  t.equal(stdout, "1750 5 6\n");
});

e2e("a tmpfs takes mode and owner of the directory that it covers, unless it says otherwise", async (t, box) => {
  const tmpfs = (...options: string[]) => mounts({ destination: "/covered", type: "tmpfs", options });
  const stat = async (change: Config) => {
    const c = box.container(script("stat -c '%a %u %g' /covered; ls /covered", change), (rootfs) => {
      mkdirSync(join(rootfs, "covered"), { mode: 0o700 });
      writeFileSync(join(rootfs, "covered", "file"), "");
    });
    return (await c.run()).stdout;
  };
  t.equal(await stat(tmpfs()), "700 0 0\n");
  t.equal(await stat(tmpfs("mode=0123")), "123 0 0\n");
  t.equal(await stat(tmpfs("tmpcopyup")), "700 0 0\nfile\n");
});

e2e("propagation of each mount", async (t, box) => {
  const source = box.path("source");
  mkdirSync(source);
  const kinds = ["shared", "slave", "private", "unbindable", "rshared", "rslave", "rprivate", "runbindable"];
  const lines = await mountinfo(
    box,
    ...kinds.map((kind) => ({ destination: `/p/${kind}`, source, options: ["rbind", kind] })),
    {
      destination: "/p/tmpfs",
      type: "tmpfs",
      options: ["shared"],
    },
  );
  const of = (name: string) => at(lines, `/p/${name}`)?.propagation.map((word) => word.replace(/:.*/, "")) ?? [];
  for (const name of ["shared", "rshared", "tmpfs"]) t.ok(of(name).includes("shared"), name);
  for (const name of ["private", "rprivate", "slave", "rslave"]) t.notOk(of(name).includes("shared"), name);
  for (const name of ["unbindable", "runbindable"]) t.strictSame(of(name), ["unbindable"], name);
});

e2e("overlay, with layers of any length, with and without a user namespace", async (t, box) => {
  const layer = (name: string) => {
    mkdirSync(box.path(name), { recursive: true });
    chownSync(box.path(name), 100000, 100000);
    return box.path(name);
  };
  const lower = Array.from({ length: 12 }, (_, index) => layer(`${"lower".repeat(10)}${index}`));
  for (const path of lower) writeFileSync(join(path, path.slice(-2)), "");
  const config = mounts({
    destination: "/overlay",
    type: "overlay",
    source: "overlay",
    options: [`lowerdir=${lower.join(":")}`, `upperdir=${layer("upper")}`, `workdir=${layer("work")}`, "nosuid"],
  });
  const ids = [{ containerID: 0, hostID: 100000, size: 65536 }];
  const namespaces = ["user", "mount", "pid", "ipc", "uts", "network", "cgroup"].map((type) => ({ type }));
  for (const [name, linux] of Object.entries({ plain: {}, user: { namespaces, uidMappings: ids, gidMappings: ids } })) {
    const show = `touch /overlay/${name}; ls /overlay | wc -l; grep ' /overlay ' /proc/self/mountinfo`;
    const c = box.container(script(show, { ...config, linux }), (rootfs) => mkdirSync(join(rootfs, "overlay")));
    const { code, stdout, stderr } = await c.run();
    t.strictSame([code, stderr], [0, ""], name);
    t.match(stdout, /^1\d\n.* \/overlay rw,nosuid,relatime - overlay overlay /, name);
    t.ok(existsSync(box.path("upper", name)), "written to the upper layer");
  }
});
