/** Volumes, tmpfs and what Podman mounts by itself. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mountsOf } from "../../harness/host.ts";
import type { Check } from "../verdict.ts";

export const MOUNTS: readonly Check[] = [
  {
    name: "-v: written through",
    body: async (podman) => {
      const directory = podman.directory();
      writeFileSync(join(directory, "host"), "from the host\n");
      assert.equal(
        await podman.output(["-v", `${directory}:/v`], "cat /v/host; echo inside >/v/inside"),
        "from the host\n",
      );
      assert.equal(readFileSync(join(directory, "inside"), "utf8"), "inside\n");
      assert.equal(statSync(join(directory, "inside")).uid, podman.place.uid);
    },
  },
  {
    name: "-v …:ro: only read, also below",
    body: async (podman) => {
      const directory = podman.directory();
      mkdirSync(join(directory, "deep"));
      writeFileSync(join(directory, "host"), "from the host\n");
      const script = "cat /v/host; touch /v/x; touch /v/deep/x";
      const { code, stdout, stderr } = await podman.run(["-v", `${directory}:/v:ro`], ["sh", "-c", script]);
      assert.deepEqual({ code, stdout }, { code: 1, stdout: "from the host\n" });
      assert.equal(stderr, "touch: /v/x: Read-only file system\ntouch: /v/deep/x: Read-only file system\n");
    },
  },
  {
    name: "-v FILE, with noexec and nodev",
    body: async (podman) => {
      const file = join(podman.directory(), "program");
      writeFileSync(file, "#!/bin/sh\necho ran\n", { mode: 0o755 });
      assert.equal(await podman.output(["-v", `${file}:/opt/deep/program:ro`], "/opt/deep/program"), "ran\n");
      const { code } = await podman.run(["-v", `${file}:/program:ro,noexec`], ["/program"]);
      assert.equal(code, 126);
    },
  },
  {
    name: "-v …:rslave, :rprivate: propagation",
    body: async (podman) => {
      const [slave, own] = [podman.directory(), podman.directory()];
      const name = await podman.background(["-v", `${slave}:/slave:rslave`, "-v", `${own}:/own:rprivate`]);
      const mounts = mountsOf(await podman.pid(name));
      assert.deepEqual(mounts.find(({ target }) => target === "/own")?.propagation, []);
      assert.ok(mounts.find(({ target }) => target === "/slave"));
    },
  },
  {
    name: "a named volume keeps what was written",
    body: async (podman) => {
      const volume = `volume-${podman.place.name}`;
      await podman.output(["-v", `${volume}:/v`], "echo kept >/v/file");
      assert.equal(await podman.output(["-v", `${volume}:/v`], "cat /v/file"), "kept\n");
      await podman.ok(["volume", "rm", volume]);
    },
  },
  {
    name: "--volumes-from",
    body: async (podman) => {
      const directory = podman.directory();
      const name = await podman.background(["-v", `${directory}:/v:ro`]);
      const { code } = await podman.run(["--volumes-from", name], ["touch", "/v/x"]);
      assert.equal(code, 1);
    },
  },
  {
    name: "--tmpfs: size, mode, options",
    body: async (podman) => {
      const script =
        "df -k /t | awk 'END{print $2}'; stat -c %a /t; awk '$2==\"/t\"{print $3, $4}' /proc/mounts; touch /t/x";
      const lines = (await podman.output(["--tmpfs", "/t:size=1m,mode=1750,noexec"], script)).split("\n");
      assert.deepEqual(lines.slice(0, 2), ["1024", "1750"]);
      for (const option of ["rw", "nosuid", "nodev", "noexec"])
        assert.match(lines[2] ?? "", new RegExp(`\\b${option}\\b`));
    },
  },
  {
    name: "--tmpfs over a directory of the image: its files are there",
    body: async (podman) => {
      assert.match(await podman.output(["--tmpfs", "/etc"], "ls /etc; touch /etc/x"), /^passwd$/m);
      const plain = await podman.output(["--mount", "type=tmpfs,destination=/etc,notmpcopyup"], "ls /etc");
      assert.doesNotMatch(plain, /^passwd$/m);
    },
  },
  {
    name: "--shm-size, /etc/hosts, /etc/hostname",
    body: async (podman) => {
      const script =
        "df -k /dev/shm | awk 'END{print $2}'; echo $(cat /etc/hostname); grep -c 192.0.2.7 /etc/hosts; touch /dev/shm/x";
      const flags = ["--shm-size", "2m", "--hostname", "named", "--add-host", "other:192.0.2.7"];
      assert.equal(await podman.output(flags, script), "2048\nnamed\n1\n");
    },
  },
];
