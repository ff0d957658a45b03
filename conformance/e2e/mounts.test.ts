/** mounts (config.md): mount points, order, sources, and failures. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Box,
  type Config,
  e2e,
  type MountLine,
  mounts,
  nothingLeft,
  parseMountinfo,
  refused,
  script,
  sleeper,
  type Test,
} from "../harness.ts";

async function mountinfo(box: Box, ...more: Config[]): Promise<MountLine[]> {
  const { code, stdout, stderr } = await box.container(script("cat /proc/self/mountinfo", mounts(...more))).run();
  if (code !== 0 || stderr !== "") throw new Error(stderr);
  return parseMountinfo(stdout);
}

function at(lines: readonly MountLine[], target: string): MountLine | undefined {
  return lines.findLast((line) => line.target === target);
}

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
  const c = box.container(
    script("cat /data/file", mounts({ destination: "data", source: "volume", options: ["bind"] })),
  );
  mkdirSync(join(c.bundle, "volume"));
  writeFileSync(join(c.bundle, "volume", "file"), "relative\n");
  t.match(await c.run([], { cwd: "/" }), { code: 0, stdout: "relative\n" });
});

e2e("remount changes what is there", async (t, box) => {
  const lines = await mountinfo(
    box,
    { destination: "/a", type: "tmpfs" },
    { destination: "/a", options: ["remount", "bind", "ro", "nosuid"], source: "/a" },
  );
  t.match(at(lines, "/a")?.options, ["ro", "nosuid"]);
  const bad = box.container(
    script("true", mounts({ destination: "/tmp", options: ["remount", "bind", "ro"], source: "/tmp" })),
  );
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
  await fails(
    t,
    box,
    { destination: "/x", source: box.path("missing"), options: ["bind"] },
    new RegExp(`${six}: .*missing.*no such file or directory$`),
  );
  await fails(
    t,
    box,
    { destination: "/x", type: "nosuchfs" },
    new RegExp(`${six}: mount nosuchfs on /x: .*no such device$`),
  );
  await fails(
    t,
    box,
    { destination: "/x", type: "tmpfs", options: ["size=abc"] },
    new RegExp(`${six}: mount tmpfs on /x: .*size.*invalid argument$`),
  );
  await fails(
    t,
    box,
    { destination: "/x", type: "tmpfs", options: ["nosuchoption"] },
    new RegExp(`${six}: mount tmpfs on /x: .*nosuchoption.*$`),
  );
  await fails(
    t,
    box,
    { destination: "/etc/passwd", type: "tmpfs" },
    new RegExp(`${six}: mount tmpfs on /etc/passwd: .*not a directory$`),
  );
  await fails(
    t,
    box,
    { destination: "/etc", source: box.path("file"), options: ["bind"] },
    new RegExp(`${six}: mount on /etc: the source is not a directory, the mount point is: not a directory$`),
  );
  await fails(t, box, { destination: "/etc/passwd/x", type: "tmpfs" }, new RegExp(`${six}: .*not a directory$`));
  await fails(
    t,
    box,
    { destination: "/proc/self/attr", type: "tmpfs" },
    new RegExp(`${six}/destination: .*inside /proc$`),
  );
  await fails(
    t,
    box,
    { destination: "/proc", source: box.directory, options: ["bind"] },
    new RegExp(`${six}: .*only a procfs`),
  );
  const options = ["bind", "copy-symlink", "dest-nofollow"];
  await fails(
    t,
    box,
    { destination: "/x", source: box.directory, options },
    new RegExp(`${six}/options: copy-symlink excludes`),
  );
  await nothingLeft(t, box);
});

e2e("files of procfs that may be covered", async (t, box) => {
  writeFileSync(box.path("uptime"), "42.00 1.00\n");
  const c = box.container(
    script("cat /proc/uptime", mounts({ destination: "/proc/uptime", source: box.path("uptime"), options: ["bind"] })),
  );
  t.match(await c.run(), { code: 0, stdout: "42.00 1.00\n", stderr: "" });
});
