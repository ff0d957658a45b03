/** Runs a program of the suite against a runtime, in surroundings that are gone afterwards. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { Needs } from "./expectations.ts";
import { isUnified, kernelHierarchies, mountedHierarchies } from "./hierarchies.ts";
import type { Ended } from "./judge.ts";
import type { Suite } from "./suite.ts";

/** Of temporary directories. It tells the leak checks of tests that run at the same time that these are not theirs. */
export const PREFIX = `tsoci-validation-${process.pid}-`;
const INSIDE = fileURLToPath(new URL("inside.sh", import.meta.url));
const USER_NAMESPACE = fileURLToPath(new URL("userns.sh", import.meta.url));

/** What the machine lacks for a program; "" for nothing. */
export function missingFor(needs: Needs): string {
  const absent = needs.hierarchies.filter((name) => !mountedHierarchies().includes(name));
  if (absent.length > 0) return `the machine has no cgroup v1 hierarchy of ${absent.join(", ")}`;
  if (needs.mounted.length > 0 && isUnified()) return "the machine has cgroup v2 alone";
  const unknown = needs.mounted.filter((name) => !kernelHierarchies().includes(name));
  if (unknown.length > 0) return `the kernel has no cgroup v1 controller ${unknown.join(", ")}`;
  if (availableParallelism() < needs.cpus) return `it needs ${needs.cpus} CPUs`;
  return "";
}

function toMount(hierarchies: readonly string[]): string[] {
  const there = mountedHierarchies();
  return hierarchies.filter((name) => !there.includes(name));
}

/** How the surroundings of a program differ from the machine's; "" where they do not. */
export function changesFor({ mounted, userNamespace }: Needs): string {
  const mounts = toMount(mounted);
  if (userNamespace) return "in a user namespace";
  return mounts.length > 0 ? `with ${mounts.join(" and ")} mounted` : "";
}

export interface Runtime {
  /** Of an OCI runtime that takes --root. */
  readonly path: string;
  /** It leaves cgroups, which would be in the way of the next. */
  readonly sweep: boolean;
}

/** Runs the program, and deletes the containers that it leaves. */
export async function runProgram(suite: Suite, program: string, runtime: Runtime, needs: Needs): Promise<Ended> {
  const directory = mkdtempSync(join(tmpdir(), PREFIX));
  try {
    chmodSync(directory, 0o755);
    for (const name of ["state", "tmp"]) mkdirSync(join(directory, name));
    const command = join(directory, "runtime");
    writeFileSync(command, `#!/bin/sh\nexec ${runtime.path} --root ${directory}/state "$@"\n`, { mode: 0o755 });
    const [file = "", ...args] = [
      ...(needs.userNamespace ? [USER_NAMESPACE, join(directory, "mapped")] : []),
      ...["unshare", "--mount", "--propagation", "private"],
      // A procfs and a sysfs can only be mounted by whoever owns the namespaces that they show.
      ...(needs.userNamespace ? ["--net", "--pid", "--fork", "--kill-child", "--mount-proc"] : []),
      ...[INSIDE, directory, toMount(needs.mounted).join(" "), join(suite.directory, program)],
    ];
    const { exitCode, stdout, stderr } = await execa(file, args, {
      cwd: suite.directory,
      stdin: "ignore",
      env: { RUNTIME: command, SWEEP: runtime.sweep ? "yes" : "no", TMPDIR: join(directory, "tmp") },
      reject: false,
    });
    return { code: exitCode, stdout, stderr };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
