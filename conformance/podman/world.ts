/**
 * Where Podman runs: mount and pid namespaces of its own with an empty /run and /dev/shm, an ordinary user who has
 * subordinate ids, and a temporary directory. All but cgroups ends with the namespaces, however they end; the process
 * outside waits for that and removes the cgroups and the directory.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa, execaSync } from "execa";
import { UNIFIED } from "../harness/cgroups.ts";
import { cgroupsNamed, until } from "../harness/host.ts";

export interface World {
  readonly directory: string;
  /** Part of the name of every cgroup. */
  readonly tag: string;
}

/** An ordinary user who is in one more group than the first. */
export const USER = { name: "tsoci-podman", id: 54_322, group: 54_323 } as const;

const DIRECTORY = "TSOCI_PODMAN_DIRECTORY";
const TAG = "TSOCI_PODMAN_TAG";

/** Lines that the files of accounts get in addition. */
const ACCOUNTS: Readonly<Record<string, string>> = {
  "/etc/passwd": `${USER.name}:x:${USER.id}:${USER.id}::/nonexistent:/bin/sh\n`,
  "/etc/group": `${USER.name}:x:${USER.id}:\n${USER.name}-2:x:${USER.group}:${USER.name}\n`,
  // Podman takes those of "containers" for --userns auto.
  "/etc/subuid": `${USER.name}:2000000:65536\ncontainers:3000000:1048576\n`,
  "/etc/subgid": `${USER.name}:2000000:65536\ncontainers:3000000:1048576\n`,
};

/** Runs this program again in namespaces of its own; true: it succeeded. */
export async function runInside(): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), "tsoci-podman-"));
  const tag = `podman-${process.pid}`;
  const namespaces = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"];
  // A shell is the pid namespace's init, for it reaps whatever it is given.
  const init = ["sh", "-c", '"$@"; exit $?', "sh"];
  const command = [...namespaces, ...init, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  // With TMPDIR, what this process would leave when it is killed is there, too.
  const env = { [DIRECTORY]: directory, [TAG]: tag, TMPDIR: directory };
  const child = execa("unshare", command, { stdio: "inherit", env, reject: false });
  // The end of unshare is the end of all the processes in the namespace.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill("SIGKILL"));
  try {
    return (await child).exitCode === 0;
  } finally {
    await removeCgroups(tag);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The world, if this process runs inside one: then it is furnished first. */
export function furnish(): World | undefined {
  const { [DIRECTORY]: directory, [TAG]: tag } = process.env;
  if (!directory || !tag) return undefined;
  execaSync("chmod", ["755", directory]);
  mount(["-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"]);
  mount(["-t", "tmpfs", "-o", "mode=1777", "tmpfs", "/dev/shm"]);
  // With hierarchies that are mounted elsewhere, Podman makes plain directories here: those of cgroup v1 are mounts below.
  if (!UNIFIED) mount(["-o", "remount,bind,ro", "/sys/fs/cgroup"]);
  mkdirSync(join(directory, "etc"));
  for (const [file, lines] of Object.entries(ACCOUNTS)) {
    const copy = join(directory, file);
    writeFileSync(copy, (existsSync(file) ? readFileSync(file, "utf8") : "") + lines);
    mount(["--bind", copy, file]);
  }
  shareTun();
  return { directory, tag };
}

/** As distributions have it: everybody may open it, and needs a network namespace to make use of it. */
function shareTun(): void {
  if (!existsSync("/dev/net/tun")) return;
  execaSync("mknod", ["-m", "666", "/run/tun", "c", "10", "200"]);
  mount(["--bind", "/run/tun", "/dev/net/tun"]);
}

function mount(args: readonly string[]): void {
  execaSync("mount", args);
}

/** The parents of the containers' cgroups, which neither Podman nor a runtime removes. */
async function removeCgroups(tag: string): Promise<void> {
  const own = cgroupsNamed((name) => name === tag);
  for (const path of own.flatMap((path) => [path, ...cgroupsNamed(() => true, path)]).reverse()) {
    // Processes that were killed take a moment to go.
    await until(`remove ${path}`, () => remove(path)).catch((error) => console.error(`podman: left behind: ${error}`));
  }
}

function remove(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}
