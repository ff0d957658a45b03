import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { findBusybox, isStatic } from "./busybox.ts";
import { ensureRootfs, PROJECT } from "./rootfs.ts";

test("static programs, and others", async (t) => {
  t.ok(await isStatic(join(PROJECT, "bin/tsoci")));
  t.notOk(await isStatic("/bin/sh"), "one that a dynamic linker loads");
  t.notOk(await isStatic(join(PROJECT, "package.json")), "not a program");
  t.notOk(await isStatic("/nonexistent"));
  const directory = t.testdir();
  writeFileSync(join(directory, "busybox"), "\x7fELF\x02\x01", { mode: 0o755 });
  t.notOk(await isStatic(join(directory, "busybox")), "cut short");
});

test("a busybox that was downloaded once is used again; one on PATH goes first", async (t) => {
  const bin = join(await ensureRootfs(), "bin");
  t.equal(await findBusybox(bin, "/nonexistent"), join(bin, "busybox"));
  t.equal(await findBusybox("/nonexistent", `/bin/sh:${bin}`), join(bin, "busybox"));
});
