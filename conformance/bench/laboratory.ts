/** What a measurement needs: bundles, programs, and cgroup hierarchies that every peer accepts. */
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execaSync } from "execa";
import { baseConfig, MOUNTS, merge } from "../harness/config.ts";
import { mountsOf, read } from "../harness/host.ts";
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

/**
 * crun wants every v1 hierarchy that the kernel has in use to be mounted. Mounts those that are not, in a mount namespace
 * that must be private, and returns what takes them away again.
 */
export function mountHierarchies(): () => void {
  const mounted = mountsOf("self")
    .filter(({ type }) => type === "cgroup")
    .flatMap(({ superOptions }) => superOptions);
  const used = (read("/proc/self/cgroup") ?? "").split("\n").map((line) => line.split(":")[1] ?? "");
  const controllers = used.filter(
    (name) => name !== "" && !name.includes("=") && !mounted.includes(name.split(",")[0] ?? ""),
  );
  const directories = controllers.map((controller) => {
    const directory = `/sys/fs/cgroup/${controller}`;
    const made = !existsSync(directory);
    if (made) mkdirSync(directory);
    execaSync("mount", ["-t", "cgroup", "-o", controller, "cgroup", directory]);
    return { directory, made };
  });
  return () => {
    for (const { directory, made } of directories) {
      execaSync("umount", [directory], { reject: false });
      if (made) rmdirSync(directory);
    }
  };
}
