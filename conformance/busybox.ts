/** A busybox that needs no other file: what the root filesystems of examples and tests are made of. */
import { access, constants, mkdir, mkdtemp, open, readdir, rename, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { TsociError } from "../src/base/errors.ts";

const PACKAGE = "busybox-static";

/**
 * The path of a static busybox: one on PATH, else Debian's, which is downloaded into `cache` and stays there. Throws
 * TsociError "host" where neither is to be had.
 */
export async function findBusybox(cache: string, path: string = process.env.PATH ?? ""): Promise<string> {
  const installed = path.split(delimiter).map((directory) => join(directory, "busybox"));
  for (const file of [...installed, join(cache, "busybox")]) if (await isStatic(file)) return file;
  return await download(cache);
}

/** The parts of an ELF header that lead to its program headers, by class: offset of a field, and its width. */
const HEADERS = {
  1: { phoff: 28, offsets: "readUInt32", phentsize: 42, phnum: 44 },
  2: { phoff: 32, offsets: "readBigUInt64", phentsize: 54, phnum: 56 },
} as const;
const PT_INTERP = 3;
/** Program headers follow the header at once; nobody puts them further away than this. */
const ENOUGH = 4096;

/** Whether a file is an executable that no dynamic linker has to load (elf(5)). */
export async function isStatic(file: string): Promise<boolean> {
  const start = await readStart(file);
  if (start === undefined || start.toString("latin1", 0, 4) !== "\x7fELF") return false;
  const header = HEADERS[start[4] as 1 | 2];
  const end = start[5] === 2 ? "BE" : "LE";
  const first = Number(start[`${header.offsets}${end}`](header.phoff));
  const size = start[`readUInt16${end}`](header.phentsize);
  const types = Array.from({ length: start[`readUInt16${end}`](header.phnum) }, (_, index) =>
    start[`readUInt32${end}`](first + index * size),
  );
  return !types.includes(PT_INTERP);
}

async function readStart(file: string): Promise<Buffer | undefined> {
  try {
    await access(file, constants.X_OK);
    await using handle = await open(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(ENOUGH), 0, ENOUGH, 0);
    return bytesRead > 64 ? buffer : undefined;
  } catch {
    // Missing, a directory, or not for us: not a busybox.
    return undefined;
  }
}

async function download(cache: string): Promise<string> {
  await mkdir(cache, { recursive: true });
  const directory = await mkdtemp(join(cache, "download-"));
  try {
    console.error(`Downloading Debian's ${PACKAGE} (there is no static busybox on PATH) …`);
    await aptDownload(directory);
    const archive = (await readdir(directory)).find((name) => name.endsWith(".deb"));
    if (archive === undefined) throw new Error("apt-get download left no package");
    await execa("dpkg", ["-x", archive, "."], { cwd: directory });
    const file = join(cache, "busybox");
    // Since Debian 13 /bin is a link and the package says usr/bin.
    const inside = (await isStatic(join(directory, "bin/busybox"))) ? "bin/busybox" : "usr/bin/busybox";
    await rename(join(directory, inside), file);
    return file;
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).split("\n")[0];
    const message = `a static busybox is needed: install one (Debian: apt-get install ${PACKAGE}); downloading it failed: ${reason}`;
    throw new TsociError("host", message, { cause });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A machine that has never run `apt-get update`, such as a fresh image, knows no packages. */
async function aptDownload(directory: string): Promise<void> {
  const get = () => execa("apt-get", ["download", PACKAGE], { cwd: directory });
  try {
    await get();
  } catch (error) {
    if (process.geteuid?.() !== 0) throw error;
    await execa("apt-get", ["update"]);
    await get();
  }
}
