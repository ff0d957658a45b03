/** What containers see of filesystems. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execaSync } from "execa";
import type { Check } from "../../harness/checks.ts";
import { mountsOf } from "../../harness/host.ts";
import type { Docker } from "../caller.ts";

export const MOUNTS: readonly Check<Docker>[] = [
  {
    name: "run --read-only: the root, but not volumes, /dev/shm and --tmpfs",
    body: async (docker) => {
      const flags = ["--read-only", "--tmpfs", "/t", "-v", "/volume"];
      const script = "touch /x; touch /etc/x; touch /t/x /volume/x /dev/shm/x && echo written";
      const { code, stdout, stderr } = await docker.run(flags, ["sh", "-c", script]);
      assert.deepEqual({ code, stdout }, { code: 0, stdout: "written\n" });
      assert.equal(stderr, "touch: /x: Read-only file system\ntouch: /etc/x: Read-only file system\n");
    },
  },
  {
    name: "run --tmpfs: with its options",
    body: async (docker) => {
      const name = await docker.background(["--tmpfs", "/t:size=1m,mode=1770,noexec"]);
      const mount = mountsOf(await docker.pid(name)).find(({ target }) => target === "/t");
      assert.equal(mount?.type, "tmpfs");
      for (const option of ["nosuid", "nodev", "noexec"]) assert.ok(mount.options.includes(option), option);
      for (const option of ["size=1024k", "mode=1770"]) assert.ok(mount.superOptions.includes(option), option);
      const { stderr } = await docker.docker(["exec", name, "dd", "if=/dev/zero", "of=/t/x", "bs=1M", "count=2"]);
      assert.match(stderr, /No space left on device/);
    },
  },
  {
    name: "run -v: a directory of the host, a file, and :ro",
    body: async (docker) => {
      const directory = docker.directory();
      writeFileSync(join(directory, "file"), "from outside\n");
      const flags = ["-v", `${directory}:/v`, "-v", `${directory}:/r:ro`, "-v", `${join(directory, "file")}:/etc/one`];
      const script = "cat /r/file /etc/one; touch /r/x 2>&1; echo inside >/v/file";
      assert.equal(
        await docker.output(flags, script),
        "from outside\nfrom outside\ntouch: /r/x: Read-only file system\n",
      );
      assert.equal(readFileSync(join(directory, "file"), "utf8"), "inside\n");
    },
  },
  {
    name: "run -v :rslave: what is mounted later is seen",
    body: async (docker) => {
      const directory = docker.directory();
      execaSync("mount", ["-t", "tmpfs", "tmpfs", directory]);
      execaSync("mount", ["--make-rshared", directory]);
      try {
        const name = await docker.background(["-v", `${directory}:/v:rslave`]);
        execaSync("mkdir", [join(directory, "later")]);
        execaSync("mount", ["-t", "tmpfs", "tmpfs", join(directory, "later")]);
        const targets = mountsOf(await docker.pid(name)).map(({ target }) => target);
        assert.ok(targets.includes("/v/later"), targets.join(" "));
      } finally {
        execaSync("umount", ["--recursive", directory]);
      }
    },
  },
  {
    name: "volume create, run -v NAME: shared by containers, with what the image has there",
    body: async (docker) => {
      await docker.ok(["volume", "create", "shared"]);
      assert.match(await docker.output(["-v", "shared:/etc"], "cat /etc/passwd; echo kept >/etc/kept"), /^root:/);
      assert.equal(await docker.output(["-v", "shared:/mnt:ro"], "cat /mnt/kept"), "kept\n");
      await docker.ok(["volume", "rm", "shared"]);
    },
  },
  {
    name: "run --shm-size",
    body: async (docker) => {
      assert.equal(await docker.output(["--shm-size", "3m"], "df -k /dev/shm | awk 'END{print $2}'"), "3072\n");
    },
  },
  {
    name: "run: masked and read-only paths, and --security-opt systempaths=unconfined",
    body: async (docker) => {
      const script = "ls /sys/firmware | wc -l; wc -c </proc/timer_list; echo 1 >/proc/sys/vm/drop_caches";
      const { code, stdout, stderr } = await docker.run([], ["sh", "-c", script]);
      assert.deepEqual({ code, stdout }, { code: 1, stdout: "0\n0\n" });
      assert.match(stderr, /drop_caches: Read-only file system\n$/);
      const open = await docker.output(["--security-opt", "systempaths=unconfined"], "cat /proc/mounts");
      assert.doesNotMatch(open, / \/proc\/\S+ /);
    },
  },
];
