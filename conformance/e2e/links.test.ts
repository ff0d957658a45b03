/**
 * Symbolic links in a root filesystem that lead to the host (shared/SECURITY.md 2.2: T05, T06, T08).
 * Either the container is refused or all that happens stays inside; a decoy on the host shows which.
 */
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attack, far, replaceBy } from "../harness/attack.ts";
import { type Config, e2e, MOUNTS, mounts, script } from "../harness.ts";

e2e("T05: /proc and /sys that are links, or files", async (t, box) => {
  for (const name of ["proc", "sys"]) {
    const targets = ["../bad", "/bad", "DECOY", "FAR", ".", "/"];
    for (const target of targets) {
      const prepare = (rootfs: string, decoy: string) => {
        mkdirSync(join(rootfs, "bad"));
        replaceBy(name, target.replace("DECOY", decoy).replace("FAR", far(decoy)))(rootfs);
      };
      await attack(t, box, { name: `/${name} -> ${target}`, config: script("true"), prepare, expected: "refused" });
    }
    const file = (rootfs: string) => {
      rmSync(join(rootfs, name), { recursive: true });
      writeFileSync(join(rootfs, name), "");
    };
    await attack(t, box, { name: `/${name} is a file`, config: script("true"), prepare: file, expected: "refused" });
  }
});

e2e("T05: other spellings of a destination", async (t, box) => {
  const link = (rootfs: string, decoy: string) => symlinkSync(decoy, join(rootfs, "x"));
  for (const destination of ["/proc/", "//proc", "/x/../proc", "proc", "/./proc/."]) {
    const [, ...others] = MOUNTS;
    const config = script("cat /proc/self/comm", {
      mounts: [{ destination, type: "proc", source: "proc" }, ...others],
    });
    await attack(t, box, { name: destination, config, prepare: link, expected: /^cat\n$/ });
  }
});

e2e("T06: mounts on paths with links to the host land inside", async (t, box) => {
  const source = box.path("source");
  mkdirSync(source);
  writeFileSync(join(source, "file"), "mounted\n");
  const prepare = (rootfs: string, decoy: string) => {
    symlinkSync(`/../../../..${decoy}`, join(rootfs, "absolute"));
    symlinkSync(far(decoy), join(rootfs, "relative"));
    symlinkSync("absolute", join(rootfs, "chain"));
    symlinkSync(`${decoy}/target`, join(rootfs, "file"));
  };
  const show = (path: string) => script(`cat ${path}/file 2>/dev/null || stat -f -c %T ${path}`, {});
  for (const link of ["absolute", "relative", "chain"]) {
    const on = (destination: string, mount: Config): Config => ({
      ...show(destination),
      ...mounts({ destination, ...mount }),
    });
    const tmpfs = on(`/${link}/b`, { type: "tmpfs" });
    await attack(t, box, { name: `tmpfs on /${link}/b`, config: tmpfs, prepare, expected: /^tmpfs\n$/ });
    const bind = on(`/${link}/b`, { source, options: ["bind"] });
    await attack(t, box, { name: `bind on /${link}/b`, config: bind, prepare, expected: /^mounted\n$/ });
    const itself = on(`/${link}`, { source, options: ["bind"] });
    await attack(t, box, { name: `bind on /${link}`, config: itself, prepare, expected: /^mounted\n$/ });
    const below = {
      ...show(`/${link}/b/c`),
      ...mounts(
        { destination: `/${link}/b`, type: "tmpfs" },
        { destination: `/${link}/b/c`, source, options: ["bind"] },
      ),
    };
    await attack(t, box, { name: `a mount below /${link}/b`, config: below, prepare, expected: /^mounted\n$/ });
  }
  const config = { ...show("/b"), ...mounts({ destination: "/a/../../b", source, options: ["bind"] }) };
  await attack(t, box, { name: "/a/../../b", config, prepare, expected: /^mounted\n$/ });
});

e2e("T08: a file bound on a link to the host", async (t, box) => {
  const source = box.path("resolv.conf");
  writeFileSync(source, "nameserver\n");
  const config = {
    ...script("cat /etc/resolv.conf"),
    ...mounts({ destination: "/etc/resolv.conf", source, options: ["bind"] }),
  };
  const link = (target: (decoy: string) => string) => (rootfs: string, decoy: string) =>
    symlinkSync(target(decoy), join(rootfs, "etc/resolv.conf"));
  const inside = /^nameserver\n$/;
  await attack(t, box, { name: "dangling", config, prepare: link((decoy) => `${decoy}/new`), expected: inside });
  await attack(t, box, { name: "a file", config, prepare: link((decoy) => `${decoy}/target`), expected: inside });
  await attack(t, box, { name: "relative", config, prepare: link((decoy) => far(`${decoy}/new`)), expected: inside });
  const chain = (rootfs: string, decoy: string) => {
    symlinkSync("/step", join(rootfs, "etc/resolv.conf"));
    symlinkSync(`${decoy}/new`, join(rootfs, "step"));
  };
  await attack(t, box, { name: "a chain", config, prepare: chain, expected: inside });
  const loop = (rootfs: string) => {
    for (let index = 0; index < 41; index++) symlinkSync(`/l${index + 1}`, join(rootfs, `l${index}`));
    symlinkSync("/l0", join(rootfs, "etc/resolv.conf"));
    symlinkSync("/l0", join(rootfs, "l41"));
  };
  await attack(t, box, { name: "a loop", config, prepare: loop, expected: "refused" });
  const directory = (rootfs: string, decoy: string) => {
    rmSync(join(rootfs, "etc"), { recursive: true });
    symlinkSync(`${decoy}/missing`, join(rootfs, "etc"));
  };
  await attack(t, box, { name: "a dangling directory", config, prepare: directory, expected: inside });
});

e2e("working directories, masks and read-only paths through links", async (t, box) => {
  const prepare = (rootfs: string, decoy: string) => {
    symlinkSync(decoy, join(rootfs, "out"));
    symlinkSync(`${decoy}/target`, join(rootfs, "file"));
  };
  const cwd = script("pwd; ls", { process: { cwd: "/out/made" } });
  await attack(t, box, { name: "cwd", config: cwd, prepare, expected: "refused" });
  const paths = script("true", { linux: { maskedPaths: ["/out", "/file"], readonlyPaths: ["/out/pts", "/file"] } });
  await attack(t, box, { name: "masks", config: paths, prepare, expected: /^$/ });
  t.notOk(existsSync("/x"));
});

e2e("links as mount points, by themselves: nothing goes through them to the host", async (t, box) => {
  writeFileSync(box.path("file"), "mounted\n");
  symlinkSync("/made", box.path("link"));
  const prepare = (rootfs: string, decoy: string) => {
    symlinkSync(decoy, join(rootfs, "way"));
    symlinkSync(join(decoy, "target"), join(rootfs, "file"));
    symlinkSync(join(decoy, "new"), join(rootfs, "new"));
  };
  for (const destination of ["/file", "/new", "/way/new", "/way/target"]) {
    const on = (source: string, option: string) =>
      mounts({ destination, source: box.path(source), options: ["bind", option] });
    const over = { ...script(`cat ${destination}`), ...on("file", "dest-nofollow") };
    await attack(t, box, { name: `${destination} itself`, config: over, prepare, expected: /^mounted\n$/ });
    const copied = { ...script(`readlink ${destination}`), ...on("link", "copy-symlink") };
    const expected = destination.startsWith("/way/") ? /^\/made\n$/ : "refused";
    await attack(t, box, { name: `a link as ${destination}`, config: copied, prepare, expected });
  }
});
