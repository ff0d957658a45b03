/** What a measurement needs: bundles and programs. */
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execaSync } from "execa";
import { baseConfig, MOUNTS, merge } from "../harness/config.ts";
import type { Laboratory } from "./lifecycle.ts";

function compile(name: string, directory: string): string {
  const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
  const program = join(directory, name);
  execaSync("gcc", ["-O2", "-static", "-s", "-o", program, source]);
  return program;
}

/** What Docker would ask for, but for seccomp; 1.0.2 because Debian's crun refuses 1.3. */
function config(...args: readonly string[]) {
  const cgroup = {
    destination: "/sys/fs/cgroup",
    type: "cgroup",
    source: "cgroup",
    options: ["nosuid", "noexec", "nodev", "ro"],
  };
  return merge(
    baseConfig({ ociVersion: "1.0.2", process: { args: ["/program", ...args] }, mounts: [...MOUNTS, cgroup] }),
    {
      linux: {
        resources: { devices: [{ allow: false, access: "rwm" }], memory: { limit: 512 << 20 }, pids: { limit: 1000 } },
        maskedPaths: ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"],
        readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys"],
      },
    },
  );
}

export function makeLaboratory(): Laboratory {
  const directory = mkdtempSync(join(tmpdir(), "tsoci-bench-"));
  chmodSync(directory, 0o755);
  const program = compile("program", directory);
  const bundle = (name: string, ...args: string[]) => {
    const rootfs = join(directory, name, "rootfs");
    for (const place of ["dev", "proc", "sys"]) mkdirSync(join(rootfs, place), { recursive: true });
    copyFileSync(program, join(rootfs, "program"));
    writeFileSync(join(directory, name, "config.json"), JSON.stringify(config(...args)));
    return join(directory, name);
  };
  return {
    directory,
    stopwatch: compile("stopwatch", directory),
    brief: bundle("brief"),
    lasting: bundle("lasting", "wait"),
  };
}

export function removeLaboratory({ directory }: Laboratory): void {
  rmSync(directory, { recursive: true, force: true });
}
