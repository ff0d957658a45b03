/** Kernels for the machine: Debian's packages, fetched by apt-get and only unpacked, never installed. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { execa, execaSync } from "execa";
import { root } from "../../src/build/generate.ts";
import { aptOptions } from "./apt.ts";

export interface Kernel {
  /** uname(2) release: "6.1.0-56-cloud-amd64". */
  readonly release: string;
  /** The compressed image. */
  readonly image: string;
  /** Holds lib/modules/RELEASE. */
  readonly directory: string;
}

/** What `npm ci` replaces is a good place for what can be fetched again. */
export const CACHE = join(root, "node_modules/.cache/tsoci/vm");

/**
 * The kernel of a Debian package: "" is the newest of the suite, "6.12" linux-image-6.12-cloud-amd64, and anything with
 * a "/" the path of a package's file. `suite` is where to look, "" for what this machine's apt knows. Throws when there
 * is none, with what apt-get said.
 */
export async function kernel(wanted: string, suite: string): Promise<Kernel> {
  if (wanted.includes("/")) return unpacked(basename(wanted, ".deb"), async () => wanted);
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, "apt-"));
  try {
    const options = await aptOptions(suite, work);
    const name = await imagePackage(`linux-image-${wanted === "" ? "" : `${wanted}-`}cloud-amd64`, options);
    return await unpacked(name, (directory) => download(name, directory, options));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** A package without a version in its name depends on the newest one that has it. */
async function imagePackage(name: string, options: readonly string[]): Promise<string> {
  const { stdout } = await execa("apt-cache", [...options, "depends", "--important", name], { reject: false });
  return /^ {2}Depends: (linux-image-\S+)$/m.exec(stdout)?.[1] ?? name;
}

async function download(name: string, directory: string, options: readonly string[]): Promise<string> {
  const got = await execa("apt-get", [...options, "download", name], { cwd: directory, reject: false });
  const file = readdirSync(directory).find((entry) => entry.endsWith(".deb"));
  if (got.failed || file === undefined)
    throw new Error(`apt-get download ${name} failed (apt-get update may help): ${got.stderr}`);
  return join(directory, file);
}

async function unpacked(name: string, fetch: (directory: string) => Promise<string>): Promise<Kernel> {
  const directory = join(CACHE, name);
  if (!existsSync(directory)) {
    mkdirSync(CACHE, { recursive: true });
    const work = mkdtempSync(join(CACHE, "new-"));
    try {
      await execa("dpkg-deb", ["--extract", await fetch(work), join(work, "tree")]);
      renameSync(join(work, "tree"), directory);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  const release = readdirSync(join(directory, "lib/modules"))[0] ?? "";
  return { release, image: join(directory, `boot/vmlinuz-${release}`), directory };
}

/**
 * The files of modules and of what they depend on, in the order of loading. What is not there as a file is built into
 * this kernel, or it does not have it: whoever needs it will say so.
 */
export function moduleFiles({ directory, release }: Kernel, names: readonly string[]): string[] {
  const files = new Map<string, string>();
  const below = join(directory, "lib/modules", release);
  for (const entry of readdirSync(below, { recursive: true, encoding: "utf8" })) {
    const name = /([^/]+)\.ko(\.xz)?$/.exec(entry)?.[1];
    if (name !== undefined) files.set(name.replaceAll("-", "_"), join(below, entry));
  }
  const ordered = new Set<string>();
  const add = (name: string) => {
    const file = files.get(name);
    if (file === undefined || ordered.has(file)) return;
    for (const needed of dependencies(file)) add(needed);
    ordered.add(file);
  };
  for (const name of names) add(name);
  return [...ordered];
}

/** A module says in its section .modinfo what it depends on: "depends=fuse,virtio\0". */
function dependencies(file: string): string[] {
  const names = /\0depends=([^\0]*)\0/.exec(moduleImage(file).toString("latin1"))?.[1] ?? "";
  return names === "" ? [] : names.split(",").map((name) => name.replaceAll("-", "_"));
}

/** A module as the kernel loads it. */
export function moduleImage(file: string): Buffer {
  if (!file.endsWith(".xz")) return readFileSync(file);
  return Buffer.from(execaSync("xz", ["--decompress", "--stdout", file], { encoding: "buffer" }).stdout);
}
