/** Runs a program of the suite against a runtime, in surroundings that are gone afterwards. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execaSync } from "execa";
import { mountsOf, read } from "../harness/host.ts";
import type { Needs } from "./expectations.ts";
import type { Ended } from "./judge.ts";
import type { Suite } from "./suite.ts";

/** Of temporary directories. It tells the leak checks of tests that run at the same time that these are not theirs. */
export const PREFIX = "tsoci-validation-";
const INSIDE = fileURLToPath(new URL("inside.sh", import.meta.url));

const USER_NAMESPACE = fileURLToPath(new URL("userns.sh", import.meta.url));

/** Controllers that have a mounted hierarchy of cgroup v1 in /sys/fs/cgroup. */
function mountedHierarchies(): string[] {
  return mountsOf("self")
    .filter(({ type, target }) => type === "cgroup" && target.startsWith("/sys/fs/cgroup/"))
    .flatMap(({ superOptions }) => superOptions);
}

/** Those that the kernel has in use, mounted elsewhere or nowhere. */
export function unmountedHierarchies(): string[] {
  const lines = (read("/proc/self/cgroup") ?? "").split("\n").map((line) => line.split(":")[1] ?? "");
  const inUse = lines.filter((names) => names !== "" && !names.includes("="));
  return inUse.flatMap((names) => names.split(",")).filter((name) => !mountedHierarchies().includes(name));
}

const isUnified = () => mountsOf("self").some(({ type, target }) => type === "cgroup2" && target === "/sys/fs/cgroup");

/** What the machine lacks for a program; "" for nothing. */
export function missingFor(needs: Needs): string {
  const absent = needs.hierarchies.filter((name) => !mountedHierarchies().includes(name));
  if (absent.length > 0) return `the machine has no cgroup v1 hierarchy of ${absent.join(", ")}`;
  if (needs.mounted.length > 0 && isUnified()) return "the machine has cgroup v2 alone";
  if (availableParallelism() < needs.cpus) return `it needs ${needs.cpus} CPUs`;
  return "";
}

/** How the surroundings of a program differ from the machine's; "" where they do not. */
export function changesFor({ mounted, userNamespace }: Needs): string {
  const mounts = mounted.filter((name) => !mountedHierarchies().includes(name));
  if (userNamespace) return "in a user namespace";
  return mounts.length > 0 ? `with ${mounts.join(" and ")} mounted` : "";
}

/** Runs the program, and removes what it leaves. `runtime` is the path of an OCI runtime that takes --root. */
export function runProgram(suite: Suite, program: string, runtime: string, needs: Needs): Ended {
  const directory = mkdtempSync(join(tmpdir(), PREFIX));
  try {
    chmodSync(directory, 0o755);
    for (const name of ["state", "tmp"]) mkdirSync(join(directory, name));
    const command = join(directory, "runtime");
    writeFileSync(command, `#!/bin/sh\nexec ${runtime} --root ${directory}/state "$@"\n`, { mode: 0o755 });
    const mounts = needs.mounted.filter((name) => !mountedHierarchies().includes(name));
    const [file = "", ...args] = [
      ...(needs.userNamespace ? [USER_NAMESPACE, join(directory, "mapped")] : []),
      ...["unshare", "--mount", "--propagation", "private"],
      // A procfs and a sysfs can only be mounted by whoever owns the namespaces that they show.
      ...(needs.userNamespace ? ["--net", "--pid", "--fork", "--kill-child", "--mount-proc"] : []),
      ...[INSIDE, directory, mounts.join(" "), join(suite.directory, program)],
    ];
    const { exitCode, stdout, stderr } = execaSync(file, args, {
      cwd: suite.directory,
      stdin: "ignore",
      env: { RUNTIME: command, TMPDIR: join(directory, "tmp") },
      reject: false,
    });
    return { code: exitCode, stdout, stderr };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
