/** Symbolic links as sources and as mount points: src-nofollow, dest-nofollow, copy-symlink (crun(1)). */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Config, e2e, mounts, program, refused, script } from "../harness.ts";

/** Callers on kernels with all calls, and without those whose stand-ins might follow a link. */
async function callers(): Promise<readonly (readonly string[])[]> {
  const without = await program("without");
  const calls = ["openat2", "move_mount", "open_tree,move_mount,mount_setattr"];
  return [[], ...calls.map((names) => [without, "ENOSYS", names])];
}

e2e("src-nofollow binds the link itself", async (t, box) => {
  symlinkSync("somewhere", box.path("link"));
  const c = box.container(
    script(
      "readlink /link",
      mounts({ destination: "/link", source: box.path("link"), options: ["bind", "src-nofollow"] }),
    ),
  );
  for (const through of await callers()) {
    const { code, stdout, stderr } = await c.run([], { through });
    t.strictSame({ code, stdout, stderr }, { code: 0, stdout: "somewhere\n", stderr: "" }, through.join(" "));
  }
});

e2e("dest-nofollow mounts over the link itself", async (t, box) => {
  writeFileSync(box.path("file"), "mounted\n");
  const at = (destination: string) => ({ destination, source: box.path("file"), options: ["bind", "dest-nofollow"] });
  const prepare = (rootfs: string) => {
    writeFileSync(join(rootfs, "target"), "below\n");
    symlinkSync("target", join(rootfs, "link"));
    symlinkSync("nowhere", join(rootfs, "dangling"));
    mkdirSync(join(rootfs, "real"));
    symlinkSync("real", join(rootfs, "way"));
  };
  const show = "cat /link /target /dangling /way/new /plain; ls /nowhere 2>/dev/null; ls /real";
  const config = mounts(at("/link"), at("/dangling"), at("/way/new"), at("/plain"));
  const c = box.container(script(show, config), prepare);
  const expected = "mounted\nbelow\nmounted\nmounted\nmounted\nnew\n";
  for (const through of await callers()) {
    const { code, stdout, stderr } = await c.run([], { through });
    t.strictSame({ code, stdout, stderr }, { code: 0, stdout: expected, stderr: "" }, through.join(" "));
  }
  const directory = mounts({ destination: "/way", source: box.directory, options: ["bind", "dest-nofollow"] });
  const over = await box.container(script("true", directory), prepare).run();
  refused(t, over, /^run failed: \/mounts\/6: .*not a directory/, "a directory on a link");
  const tmpfs = mounts({ destination: "/way", type: "tmpfs", options: ["dest-nofollow"] });
  const through = await box.container(script("true", tmpfs), prepare).run();
  refused(t, through, /^run failed: \/mounts\/6: .*must be a directory/, "a filesystem on a link");
});

e2e("copy-symlink makes the same link instead of a mount", async (t, box) => {
  symlinkSync("../some/where", box.path("link"));
  writeFileSync(box.path("file"), "content\n");
  const at = (destination: string, source = "link") => {
    return { destination, source: box.path(source), options: ["bind", "ro", "copy-symlink"] };
  };
  const run = (...entries: Config[]) => {
    const show = "readlink /a; readlink /new/b; cat /c; grep -cE ' (/a|/new/b) ' /proc/self/mountinfo";
    return box.container(script(show, mounts(...entries)), (rootfs) => {
      symlinkSync("../some/where", join(rootfs, "a"));
      symlinkSync("elsewhere", join(rootfs, "other"));
      mkdirSync(join(rootfs, "directory"));
    });
  };
  const c = run(at("/a"), at("/new/b"), at("/c", "file"));
  for (const through of await callers()) {
    const { stdout, stderr } = await c.run([], { through });
    t.strictSame([stdout, stderr], ["../some/where\n../some/where\ncontent\n0\n", ""], through.join(" "));
  }
  const message = /^run failed: \/mounts\/6: .*a link to \.\.\/some\/where, the destination is something else/;
  for (const taken of ["/other", "/directory", "/etc/passwd"]) refused(t, await run(at(taken)).run(), message, taken);
});
