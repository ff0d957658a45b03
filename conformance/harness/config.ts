/** Configurations for tests: a usual container, and changes to it. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };
export type Config = { readonly [key: string]: Json | undefined };

const CAPABILITIES = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_MKNOD",
  "CAP_NET_BIND_SERVICE",
  "CAP_NET_RAW",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SYS_CHROOT",
] as const;

export const MOUNTS = [
  { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
  {
    destination: "/dev",
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
  },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"],
  },
  { destination: "/dev/shm", type: "tmpfs", source: "shm", options: ["nosuid", "noexec", "nodev", "mode=1777"] },
  { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
  { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
] as const;

/** A container as engines make them, that does nothing. */
export function baseConfig(...changes: readonly Config[]): Config {
  const base: Config = {
    ociVersion: "1.2.0",
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      args: ["true"],
      env: ["PATH=/bin"],
      cwd: "/",
      capabilities: { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES },
      noNewPrivileges: true,
    },
    root: { path: "rootfs", readonly: false },
    hostname: "e2e",
    mounts: MOUNTS,
    linux: { namespaces: ["pid", "network", "ipc", "uts", "mount", "cgroup"].map((type) => ({ type })) },
  };
  return changes.reduce(merge, base);
}

/** Objects are merged, everything else is replaced; `undefined` takes a property away. */
export function merge(base: Config, change: Config): Config {
  const result: Record<string, Json | undefined> = { ...base };
  for (const [key, value] of Object.entries(change)) {
    const old = result[key];
    if (value === undefined) delete result[key];
    else result[key] = isObject(old) && isObject(value) ? merge(old, value) : value;
  }
  return result;
}

function isObject(value: Json | undefined): value is Config {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The container runs a shell script. */
export function script(text: string, change: Config = {}): Config {
  return baseConfig({ process: { args: ["sh", "-c", text] } }, change);
}

/** A container that runs until it is killed; SIGTERM ends it. */
export function sleeper(change: Config = {}): Config {
  return script("trap 'exit 0' TERM; while :; do sleep 1000 & wait; done", change);
}

export function namespaces(...types: readonly (string | { readonly type: string; readonly path?: string })[]): Config {
  return { linux: { namespaces: types.map((type) => (typeof type === "string" ? { type } : type)) } };
}

/** The usual mounts and more. */
export function mounts(...more: readonly Config[]): Config {
  return { mounts: [...MOUNTS, ...more] };
}
