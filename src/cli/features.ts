/**
 * `tsoci features`: what this runtime supports, whatever the host (features.md). Every list is that of the tables which
 * do the work, so that it can't promise more.
 */
import { SPECIFICATION } from "../base/specification.ts";
import { CAPABILITIES } from "../kernel/capabilities.ts";
import { MOUNT_OPTIONS, mountOptionNames } from "../kernel/mount-options.ts";
import { NAMESPACES } from "../kernel/namespaces.ts";
import { MEMORY_POLICY_FLAGS, MEMORY_POLICY_MODES } from "../kernel/scheduling.ts";
import { ACTIONS, ARCHITECTURES, OPERATORS, SECCOMP_FLAGS } from "../kernel/seccomp.ts";
import type { Plan } from "../plan/plan.ts";
import type { Hooks } from "../spec/generated/config.ts";
import type { Features, LinuxFeatures, SeccompFeatures } from "../spec/generated/features.ts";
import type { RequestOf } from "./declaration.ts";
import { printing } from "./printing.ts";
import { COMMIT, VERSION } from "./version.ts";

/** The compiler sees to it that no hook is forgotten. */
const HOOKS: Readonly<Record<keyof Hooks, true>> = {
  prestart: true,
  createRuntime: true,
  createContainer: true,
  startContainer: true,
  poststart: true,
  poststop: true,
};

/** What no table tells. */
const SUPPORTED = {
  rdma: true,
  intelRdt: true,
  netDevices: true,
};

/** Annotations of a bundle that change what a runtime does: systemd's properties, and those of crun. */
const UNSAFE_ANNOTATIONS = ["org.systemd.property.", "run.oci."];

/** `tsoci features` */
export function features(_request: RequestOf<"features">): Plan {
  return printing(`${JSON.stringify(supportedFeatures(), null, 4)}\n`, "features");
}

/** The same on every host. */
export function supportedFeatures(): Features {
  return {
    ociVersionMin: "1.0.0",
    ociVersionMax: SPECIFICATION,
    hooks: Object.keys(HOOKS),
    mountOptions: mountOptionNames(),
    linux: linuxFeatures(),
    annotations: {
      "org.opencontainers.runc.checkpoint.enabled": "false",
      "tsoci.version": VERSION,
      "tsoci.commit": COMMIT,
    },
    potentiallyUnsafeConfigAnnotations: UNSAFE_ANNOTATIONS,
  };
}

function linuxFeatures(): LinuxFeatures {
  return {
    namespaces: Object.keys(NAMESPACES),
    capabilities: [...CAPABILITIES],
    cgroup: { v1: true, v2: true, systemd: true, systemdUser: true, rdma: SUPPORTED.rdma },
    seccomp: seccompFeatures(),
    apparmor: { enabled: true },
    selinux: { enabled: true },
    memoryPolicy: { modes: Object.keys(MEMORY_POLICY_MODES), flags: Object.keys(MEMORY_POLICY_FLAGS) },
    intelRdt: { enabled: SUPPORTED.intelRdt, schemata: SUPPORTED.intelRdt, monitoring: SUPPORTED.intelRdt },
    mountExtensions: { idmap: { enabled: MOUNT_OPTIONS.has("idmap") } },
    netDevices: { enabled: SUPPORTED.netDevices },
  };
}

function seccompFeatures(): SeccompFeatures {
  return {
    enabled: true,
    actions: Object.keys(ACTIONS),
    operators: Object.keys(OPERATORS),
    archs: Object.keys(ARCHITECTURES),
    knownFlags: Object.keys(SECCOMP_FLAGS),
    supportedFlags: Object.keys(SECCOMP_FLAGS),
  };
}
