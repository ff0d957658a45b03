/**
 * A host of one's own, for daemons and whatever they start: mount, pid and network namespaces with an empty /run and every
 * cgroup hierarchy. All but cgroups ends with the namespaces, however they end; the process outside waits for that, and
 * removes the cgroups and the directory.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execaSync } from "execa";
import { ensureRootfs } from "../rootfs.ts";
import { mountHierarchies, removeFromUnmounted } from "./hierarchies.ts";
import { cgroupsNamed } from "./host.ts";

export interface PrivateHost {
  readonly directory: string;
  /** What every cgroup must be called or be below: letters, digits and "-". */
  readonly name: string;
}

const DIRECTORY = "TSOCI_PRIVATE_HOST";
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs this program again on a private host, where `body` is called; needs root. Returns whether it returned true.
 * `purpose` becomes a part of names.
 */
export async function onPrivateHost(purpose: string, body: (host: PrivateHost) => Promise<boolean>): Promise<boolean> {
  const inside = process.env[DIRECTORY];
  if (inside === undefined) return await outside(purpose);
  await furnish();
  return await body({ directory: inside, name: basename(inside) });
}

async function outside(purpose: string): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), `tsoci-${purpose}-`));
  chmodSync(directory, 0o755);
  try {
    return await ended(start(directory));
  } finally {
    await removeCgroups(basename(directory));
    rmSync(directory, { recursive: true, force: true });
  }
}

function start(directory: string): ChildProcess {
  const namespaces = [
    "--mount",
    "--propagation",
    "private",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "--net",
  ];
  // A shell is the pid namespace's init, for it reaps whatever it is given.
  const init = ["sh", "-c", '"$@"; exit $?', "sh"];
  const command = [...namespaces, ...init, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  // Whoever is killed inside leaves no temporary files but there.
  const env = { ...process.env, [DIRECTORY]: directory, TMPDIR: directory };
  return spawn("unshare", command, { stdio: "inherit", env });
}

/** Waits for the end. A signal ends everything inside at once, and everything outside in good order. */
async function ended(child: ChildProcess): Promise<boolean> {
  const stop = () => void child.kill("SIGKILL");
  for (const signal of SIGNALS) process.on(signal, stop);
  const status = await new Promise((resolve, reject) => child.on("exit", resolve).on("error", reject));
  for (const signal of SIGNALS) process.off(signal, stop);
  return status === 0;
}

async function furnish(): Promise<void> {
  // The terminal sends its signals to everybody; who is outside decides.
  for (const signal of SIGNALS) process.on(signal, () => undefined);
  execaSync("mount", ["-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"]);
  execaSync(join(await ensureRootfs(), "bin/busybox"), ["ip", "link", "set", "lo", "up"]);
  mountHierarchies();
}

/** The processes in them were killed, which may take a moment. */
async function removeCgroups(name: string, milliseconds = 5000): Promise<void> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const own = cgroupsNamed((found) => found === name);
    const problems = own.flatMap((path) => [path, ...cgroupsNamed(() => true, path)].reverse()).map(remove);
    const problem = problems.find((found) => found !== undefined);
    if (problem === undefined) break;
    if (Date.now() > end) throw new Error(`left behind: ${problem}`);
    await sleep(50);
  }
  removeFromUnmounted(name);
}

function remove(path: string): string | undefined {
  try {
    rmdirSync(path);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
