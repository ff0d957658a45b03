/** The first filesystem of the machine: busybox, the modules that reach the disk and this machine's files, and guest/init. */
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { findBusybox } from "../busybox.ts";
import { CACHE, type Kernel, moduleFiles, moduleImage } from "./kernel.ts";

const INIT = fileURLToPath(new URL("guest/init", import.meta.url));

/** Buses, the shared files and the disk; what the tests look at comes after them. */
const MODULES = ["virtio_pci", "virtio_blk", "virtiofs", "overlay", "dummy", "veth", "tun"] as const;

/** Writes the archive to a file below `directory`, and returns its path. */
export async function makeInitramfs(kernel: Kernel, directory: string): Promise<string> {
  const tree = join(directory, "initramfs");
  for (const path of ["bin", "modules", "proc", "sys", "dev", "files", "writable", "root"])
    mkdirSync(join(tree, path), { recursive: true });
  const busybox = await findBusybox(CACHE);
  copyFileSync(busybox, join(tree, "bin/busybox"));
  copyFileSync(INIT, join(tree, "init"));
  chmodSync(join(tree, "init"), 0o755);
  const files = moduleFiles(kernel, MODULES);
  const names = files.map((file) => basename(file, ".xz"));
  for (const [index, file] of files.entries())
    writeFileSync(join(tree, "modules", names[index] ?? ""), moduleImage(file));
  writeFileSync(join(tree, "modules/order"), names.map((name) => `${name}\n`).join(""));
  const archive = join(directory, "initramfs.cpio");
  await execa("sh", ["-c", 'find . | "$1" cpio -o -H newc > "$2"', "sh", busybox, archive], { cwd: tree });
  return archive;
}
