/** mounts (config.md): what the container's own mountinfo and files say. */
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Box, type Config, e2e, type MountLine, mounts, nothingLeft, parseMountinfo, refused, script, sleeper, type Test } from "../harness.ts";

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
  [["rbind", "rnosuid", "rnodev", "rnoexec", "rnoatime", "rnodiratime", "rnosymfollow"], ["nosuid", "nodev", "noexec", "noatime", "nodiratime", "nosymfollow"], []],
  [["bind", "mode=755", "size=1k"], PLAIN, []],
  [["defaults", "bind"], PLAIN, []],
];

e2e("options of bind mounts", async (t, box) => {
  const source = box.path("source");
  mkdirSync(source);
  const entries = BIND_OPTIONS.map(([options], index) => ({ destination: `/b/${index}`, type: "none", source, options }));
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
  const through = ["unshare", "--mount", "--propagation", "private", "sh", "-c", `mount -t tmpfs t ${source}/below && exec "$0" "$@"`];
  const bind = (name: string, ...options: string[]) => ({ destination: `/${name}`, source, options });
  const config = mounts(bind("plain", "bind"), bind("all", "rbind"), bind("ro", "rbind", "ro"), bind("rro", "rbind", "rro"), bind("slave", "bind", "rslave"));
  const { stdout, stderr } = await box.container(script("cat /proc/self/mountinfo; ls /plain/below", config)).run([], { through });
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
  const tmpfs = (name: string, ...options: string[]) => ({ destination: `/${name}`, type: "tmpfs", source: name, options });
  const lines = await mountinfo(
    box,
    tmpfs("a", "size=64k", "nr_inodes=10", "mode=1750", "uid=5", "gid=6"),
    tmpfs("b", "ro", "nosuid", "nodev", "noexec", "noatime"),
    tmpfs("c", "sync", "dirsync", "mand", "lazytime"),
    tmpfs("d", "defaults"),
    { destination: "/e", type: "tmpfs" },
  );
  t.match(at(lines, "/a"), { type: "tmpfs", source: "a", options: ["rw", "relatime"] });
  for (const word of ["size=64k", "nr_inodes=10", "mode=1750", "uid=5", "gid=6"]) t.ok(at(lines, "/a")?.superOptions.includes(word), word);
  for (const word of ["ro", "nosuid", "nodev", "noexec", "noatime"]) t.ok(at(lines, "/b")?.options.includes(word), word);
  for (const word of ["sync", "dirsync"]) t.ok(at(lines, "/c")?.superOptions.includes(word), word);
  t.match(at(lines, "/d"), { type: "tmpfs", options: PLAIN });
  t.match(at(lines, "/e"), { type: "tmpfs", source: "tmpfs" });
  const { stdout } = await box.container(script("stat -c '%a %u %g' /a", mounts(tmpfs("a", "mode=1750", "uid=5", "gid=6")))).run();
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
  const lines = await mountinfo(box, ...kinds.map((kind) => ({ destination: `/p/${kind}`, source, options: ["rbind", kind] })), {
    destination: "/p/tmpfs",
    type: "tmpfs",
    options: ["shared"],
  });
  const of = (name: string) => at(lines, `/p/${name}`)?.propagation.map((word) => word.replace(/:.*/, "")) ?? [];
  for (const name of ["shared", "rshared", "tmpfs"]) t.ok(of(name).includes("shared"), name);
  for (const name of ["private", "rprivate", "slave", "rslave"]) t.notOk(of(name).includes("shared"), name);
  for (const name of ["unbindable", "runbindable"]) t.strictSame(of(name), ["unbindable"], name);
});

e2e("missing mount points are made, of the kind of the source, and stay", async (t, box) => {
  const file = box.path("file");
  writeFileSync(file, "content\n");
  mkdirSync(box.path("directory"));
  const c = box.container(
    script(
      "cat /made/one/file; ls -d /made/two/directory",
      mounts(
        { destination: "/made/one/file", source: file, options: ["bind"] },
        { destination: "/made/two/directory", source: box.path("directory"), options: ["rbind"] },
      ),
    ),
  );
  t.match(await c.run(), { code: 0, stdout: "content\n/made/two/directory\n", stderr: "" });
  t.ok(statSync(join(c.rootfs, "made/one/file")).isFile());
  t.equal(readFileSync(join(c.rootfs, "made/one/file"), "utf8"), "");
  t.equal(statSync(join(c.rootfs, "made/two/directory")).mode & 0o7777, 0o755);
});

e2e("mounts come in the listed order, and one may lie below another", async (t, box) => {
  mkdirSync(box.path("source"));
  writeFileSync(box.path("source", "file"), "from the host\n");
  const config = mounts(
    { destination: "/a", type: "tmpfs" },
    { destination: "/a/b", source: box.path("source"), options: ["bind"] },
    { destination: "/a/b/file", source: "/dev/null", options: ["bind"] },
    { destination: "/c", source: box.path("source"), options: ["bind"] },
    { destination: "/c", type: "tmpfs" },
  );
  const { code, stdout } = await box.container(script("ls /a /a/b; cat /a/b/file; ls /c", config)).run();
  t.strictSame([code, stdout], [0, "/a:\nb\n\n/a/b:\nfile\n"]);
});

e2e("relative sources count from the bundle, relative destinations from the root", async (t, box) => {
  const c = box.container(script("cat /data/file", mounts({ destination: "data", source: "volume", options: ["bind"] })));
  mkdirSync(join(c.bundle, "volume"));
  writeFileSync(join(c.bundle, "volume", "file"), "relative\n");
  t.match(await c.run([], { cwd: "/" }), { code: 0, stdout: "relative\n" });
});

e2e("remount changes what is there", async (t, box) => {
  const lines = await mountinfo(
    box,
    { destination: "/a", type: "tmpfs" },
    { destination: "/a", options: ["remount", "bind", "ro", "nosuid"] , source: "/a" },
  );
  t.match(at(lines, "/a")?.options, ["ro", "nosuid"]);
  const bad = box.container(script("true", mounts({ destination: "/tmp", options: ["remount", "bind", "ro"], source: "/tmp" })));
  refused(t, await bad.run(), /^run failed: \/mounts\/6: .*\/tmp/, "not a mount point");
});

async function fails(t: Test, box: Box, mount: Config, message: RegExp): Promise<void> {
  const c = box.container(sleeper(mounts(mount)));
  refused(t, await c.create(), message, JSON.stringify(mount));
  t.notOk(existsSync(join(box.root, c.id)));
}

e2e("mounts that fail name the entry", async (t, box) => {
  writeFileSync(box.path("file"), "");
  const six = "^create failed: /mounts/6";
  await fails(t, box, { destination: "/x", source: box.path("missing"), options: ["bind"] }, new RegExp(`${six}: .*missing.*no such file or directory$`));
  await fails(t, box, { destination: "/x", type: "nosuchfs" }, new RegExp(`${six}: mount nosuchfs on /x: .*no such device$`));
  await fails(t, box, { destination: "/x", type: "tmpfs", options: ["size=abc"] }, new RegExp(`${six}: mount tmpfs on /x: .*size.*invalid argument$`));
  await fails(t, box, { destination: "/x", type: "tmpfs", options: ["nosuchoption"] }, new RegExp(`${six}: mount tmpfs on /x: .*nosuchoption.*$`));
  await fails(t, box, { destination: "/etc/passwd", type: "tmpfs" }, new RegExp(`${six}: mount tmpfs on /etc/passwd: .*not a directory$`));
  await fails(t, box, { destination: "/etc", source: box.path("file"), options: ["bind"] }, new RegExp(`${six}: mount on /etc: .*is a directory$`));
  await fails(t, box, { destination: "/etc/passwd/x", type: "tmpfs" }, new RegExp(`${six}: .*not a directory$`));
  await fails(t, box, { destination: "/proc/self/attr", type: "tmpfs" }, new RegExp(`${six}/destination: .*inside /proc$`));
  await fails(t, box, { destination: "/proc", source: box.directory, options: ["bind"] }, new RegExp(`${six}: .*only a procfs`));
  const map = [{ containerID: 0, hostID: 100000, size: 10 }];
  const idmap = { destination: "/x", source: box.directory, options: ["bind", "idmap"], uidMappings: map, gidMappings: map };
  await fails(t, box, idmap, /^create failed: not supported yet: \/mounts\/6/);
  await nothingLeft(t, box);
});

e2e("files of procfs that may be covered", async (t, box) => {
  writeFileSync(box.path("uptime"), "42.00 1.00\n");
  const c = box.container(script("cat /proc/uptime", mounts({ destination: "/proc/uptime", source: box.path("uptime"), options: ["bind"] })));
  t.match(await c.run(), { code: 0, stdout: "42.00 1.00\n", stderr: "" });
});

e2e("src-nofollow binds the link itself", async (t, box) => {
  symlinkSync("somewhere", box.path("link"));
  const c = box.container(script("readlink /link", mounts({ destination: "/link", source: box.path("link"), options: ["bind", "src-nofollow"] })));
  const { code, stdout, stderr } = await c.run();
  // The kernel mounts nothing on a link, and a link on a file only since 2.6.39.
  t.strictSame({ code, stdout, stderr }, { code: 0, stdout: "somewhere\n", stderr: "" });
});

