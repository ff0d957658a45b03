/**
 * Root filesystems and bundles for examples and tests, made without any manual step.
 *
 * The root filesystem is a static busybox with a link for each of its applets, and the files that a login would miss. It
 * is made once and kept in node_modules/.cache/tsoci, or, where that can't be written, in ~/.cache/tsoci. Containers
 * share it read-only, or take a copy: examples get theirs in bundles/NAME/rootfs.
 */
import { createHash } from "node:crypto";
import {
  access,
  chmod,
  constants,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { Spec } from "../src/spec/generated/config.ts";
import { findBusybox } from "./busybox.ts";

export const PROJECT: string = fileURLToPath(new URL("..", import.meta.url));

/** To be raised when what is made here changes: a cached root filesystem of another version is not used. */
const VERSION = 1;

/** Directories with other modes than 0755. */
const MODES: Readonly<Record<string, number>> = { tmp: 0o1777, "var/tmp": 0o1777 };
const DIRECTORIES = ["dev", "etc", "home", "mnt", "opt", "proc", "root", "run", "srv", "sys", "tmp", "var/tmp"];

const FILES: Readonly<Record<string, string>> = {
  "etc/passwd":
    "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
  "etc/group": "root:x:0:\ntty:x:5:\nuser:x:1000:\nnogroup:x:65534:\n",
  "etc/hosts": "127.0.0.1\tlocalhost\n::1\tlocalhost\n",
  // Where callers bind those of the host.
  "etc/hostname": "",
  "etc/resolv.conf": "",
};

/**
 * Makes the busybox root filesystem, or finds it made, and returns its path. Nothing may be written to it. Throws
 * TsociError "host" when there is no static busybox.
 */
export async function ensureRootfs(): Promise<string> {
  const cache = await cacheDirectory();
  const busybox = await findBusybox(cache);
  const hash = createHash("sha256")
    .update(`${VERSION}\n`)
    .update(await readFile(busybox))
    .digest("hex")
    .slice(0, 12);
  const path = join(cache, `rootfs-${hash}`);
  if (await exists(path)) return path;
  const unfinished = await mkdtemp(join(cache, "rootfs-unfinished-"));
  try {
    await fill(unfinished, busybox);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Someone else was faster.
    if (!(await exists(path))) throw error;
  }
  return path;
}

/** A copy of the root filesystem that a container may write to. `target` must not exist. */
export async function copyRootfs(target: string): Promise<void> {
  // cp(1) takes a tenth of the time that Node takes for some hundred links.
  await execa("cp", ["-R", "-P", "-p", "--", await ensureRootfs(), target]);
}

/** Gives an example a root filesystem of its own, which git ignores, unless it has one. Returns the bundle's path. */
export async function prepareExample(name: string): Promise<string> {
  const bundle = join(PROJECT, "bundles", name);
  const rootfs = join(bundle, "rootfs");
  if (await exists(rootfs)) return bundle;
  // By way of a rename: tests that run at the same time do the same.
  const unfinished = `${rootfs}-${process.pid}`;
  await copyRootfs(unfinished);
  await rename(unfinished, rootfs).catch(() => rm(unfinished, { recursive: true }));
  return bundle;
}

/** Prepares all examples, for people to run; nothing where the project can't be written. */
export async function prepareExamples(): Promise<void> {
  const bundles = join(PROJECT, "bundles");
  if (!(await isWritable(bundles))) return;
  for (const name of await readdir(bundles)) {
    if (await exists(join(bundles, name, "config.json"))) await prepareExample(name);
  }
}

/** The config.json of an example. */
export async function readExample(name: string): Promise<Spec> {
  return JSON.parse(await readFile(join(PROJECT, "bundles", name, "config.json"), "utf8"));
}

/** The same container for an ordinary user, who without help can map one id, its own, to root. */
export function mappedTo(config: Spec, uid: number, gid: number): Spec {
  const only = (hostID: number) => [{ containerID: 0, hostID, size: 1 }];
  return { ...config, linux: { ...config.linux, uidMappings: only(uid), gidMappings: only(gid) } };
}

/** What is made once for all tests is kept here; a temporary directory where no other can be written. */
export async function cacheDirectory(): Promise<string> {
  const { HOME, XDG_CACHE_HOME = HOME && join(HOME, ".cache") } = process.env;
  for (const parent of [join(PROJECT, "node_modules/.cache"), XDG_CACHE_HOME]) {
    if (!parent) continue;
    const cache = join(parent, "tsoci");
    if (await isWritable(cache)) return cache;
  }
  return await mkdtemp(join(tmpdir(), "tsoci-"));
}

async function isWritable(directory: string): Promise<boolean> {
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK);
    return true;
  } catch {
    // Read-only, or somebody else's.
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

async function fill(root: string, busybox: string): Promise<void> {
  await chmod(root, 0o755);
  for (const name of DIRECTORIES) await mkdir(join(root, name), { recursive: true });
  for (const [name, mode] of Object.entries(MODES)) await chmod(join(root, name), mode);
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(root, name), text);
  const { stdout } = await execa(busybox, ["--list-full"]);
  for (const applet of ["bin/busybox", ...stdout.split("\n")]) {
    await mkdir(dirname(join(root, applet)), { recursive: true });
    if (applet !== "bin/busybox") await symlink("/bin/busybox", join(root, applet));
  }
  await copyFile(busybox, join(root, "bin/busybox"));
  await chmod(join(root, "bin/busybox"), 0o755);
}
