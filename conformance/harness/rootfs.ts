/** Root filesystems for tests: one static busybox, hard-linked, so that a test may do to its own copy what it likes. */
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureRootfs } from "../rootfs.ts";

/** What the tests' scripts use; a link each would make a bundle slow to build. */
const APPLETS = (
  "cat chmod chown cut date dd df echo env false grep head hostname id ip kill ln ls mkdir mknod mount nc nice od ping " +
  "printf ps pwd readlink rm rmdir sed seq sh sleep sort stat stty sync tail tee test touch tr true tty umount uname wc which"
).split(" ");

const DIRECTORIES = ["bin", "dev", "etc", "proc", "root", "sys", "tmp"];
const PASSWD = "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n";

/** Not the shared one itself, whose owner and mode a test could change. */
const BUSYBOX = join(mkdtempSync(join(tmpdir(), "tsoci-busybox-")), "busybox");
copyFileSync(join(await ensureRootfs(), "bin/busybox"), BUSYBOX);
process.on("exit", () => rmSync(join(BUSYBOX, ".."), { recursive: true, force: true }));

export function makeRootfs(directory: string): void {
  for (const name of DIRECTORIES) mkdirSync(join(directory, name), { recursive: true });
  linkSync(BUSYBOX, join(directory, "bin/busybox"));
  for (const applet of APPLETS) symlinkSync("busybox", join(directory, "bin", applet));
  writeFileSync(join(directory, "etc/passwd"), PASSWD);
}
