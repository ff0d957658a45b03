/** Reads the facts about this host. Nothing is written, no directory is walked, and nothing is read before it is asked for. */
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { endianness, release } from "node:os";
import { parseCgroups } from "./cgroup-layout.ts";
import type { CgroupFacts, CgroupFiles, Facts, HostFacts, SecurityModules } from "./facts.ts";

/** What planners of a container take. */
export function probeFacts(): Facts {
  return { host: probeHost(), files: hostFiles };
}

/** The host as it is now. Dearer facts are read when they are first used; all of them stay as they were then. */
export function probeHost(): HostFacts {
  let cgroup: CgroupFacts | undefined;
  let bounding: string | undefined;
  let userNamespace: boolean | undefined;
  let securityModules: SecurityModules | undefined;
  return {
    euid: process.geteuid?.() ?? 0,
    egid: process.getegid?.() ?? 0,
    kernel: release(),
    get cgroup() {
      cgroup ??= parseCgroups(read("/proc/self/mountinfo") ?? "", read("/proc/self/cgroup") ?? "");
      return cgroup;
    },
    get bounding() {
      bounding ??= parseBounding(read("/proc/self/status") ?? "");
      return bounding;
    },
    get userNamespace() {
      userNamespace ??= !mapsAllIds(read("/proc/self/uid_map") ?? "");
      return userNamespace;
    },
    get securityModules() {
      securityModules ??= probeSecurityModules();
      return securityModules;
    },
  };
}

/** The machine's name (src/kernel/seccomp.ts, MACHINES): Node calls both byte orders of ppc64 the same. */
export function machineName(arch: string = process.arch, order: "BE" | "LE" = endianness()): string {
  return arch === "ppc64" && order === "LE" ? "ppc64le" : arch;
}

/** The real files of this host. */
export const hostFiles: CgroupFiles = {
  exists: existsSync,
  read,
  writable: (path) => {
    try {
      accessSync(path, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  },
};

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Missing, hidden or forbidden: all the same to whoever asks.
    return undefined;
  }
}

/** CapBnd of /proc/self/status: hexadecimal without leading zeros. */
export function parseBounding(status: string): string {
  return /^CapBnd:\s*0*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
}

/** The initial user namespace is the only one that maps every id (user_namespaces(7)). */
export function mapsAllIds(uidMap: string): boolean {
  // Without user namespaces in the kernel there is no such file.
  return uidMap === "" || /^\s*0\s+0\s+4294967295\s*$/.test(uidMap);
}

function probeSecurityModules(): SecurityModules {
  return {
    apparmor:
      existsSync("/sys/kernel/security/apparmor") ||
      read("/sys/module/apparmor/parameters/enabled")?.startsWith("Y") === true,
    selinux: existsSync("/sys/fs/selinux/enforce"),
  };
}
