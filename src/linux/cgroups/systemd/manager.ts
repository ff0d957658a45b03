/** The systemd that manages a container's unit: the system's, or that of an ordinary user. */
import { TsociError } from "../../../base/errors.ts";
import type { CgroupFiles, HostFacts } from "../../../facts/facts.ts";
import type { Text } from "../../../plan/arguments.ts";
import type { Operation } from "../../../plan/operations.ts";
import type { Properties } from "./properties.ts";
import type { Manager, SessionBus } from "./unit.ts";
import type { Variant } from "./variant.ts";

export interface FoundManager extends Manager {
  readonly defaultSlice: string;
  /** Its own cgroup, below the hierarchy's mount point: "" for the system's. */
  readonly cgroup: string;
  /** Where it keeps the files of transient units while it knows them. */
  readonly transient: string;
}

interface Surroundings {
  readonly host: HostFacts;
  readonly files: CgroupFiles;
  readonly rootless: boolean;
  readonly session: SessionBus;
}

/** sd_booted(3) */
const BOOTED = "/run/systemd/system";
const PROGRAM_DIRECTORIES = ["/usr/bin", "/bin", "/run/current-system/sw/bin"] as const;
/** Seconds. */
const PATIENCE = 30;

/** Throws TsociError "host" where systemd does not run, or not for this user, and where it manages cgroup v1. */
export function findManager(surroundings: Surroundings): FoundManager {
  const { files, rootless } = surroundings;
  if (!files.exists(BOOTED)) {
    throw refusal(`systemd does not run on this host: there is no ${BOOTED} (--cgroup-manager cgroupfs needs none)`);
  }
  const { layout } = surroundings.host.cgroup;
  if (layout !== "v2") throw refusal(`it needs cgroup v2 alone, and this host has ${layout}`);
  const programs = { busctl: findProgram(files, "busctl"), systemctl: findProgram(files, "systemctl") };
  if (rootless) return { ...programs, ...userManager(surroundings) };
  const transient = "/run/systemd/transient";
  return { ...programs, scope: "--system", env: [], defaultSlice: "system.slice", cgroup: "", transient };
}

function userManager({ host, files, session }: Surroundings): Omit<FoundManager, "busctl" | "systemctl"> {
  const uid = ownerOf(host.euid, files.read("/proc/self/uid_map"));
  const runtime = session.runtimeDirectory || `/run/user/${uid}`;
  const hierarchy = host.cgroup.hierarchies.find(({ version }) => version === 2);
  const cgroup =
    /^(.*\/user@\d+\.service)(?:\/|$)/.exec(hierarchy?.own ?? "")?.[1] ??
    `/user.slice/user-${uid}.slice/user@${uid}.service`;
  if (!files.exists(`${runtime}/systemd`) || !files.exists(`${hierarchy?.mount ?? ""}${cgroup}`)) {
    throw refusal(`no systemd runs for user ${uid}: there is no ${runtime}/systemd or no cgroup ${cgroup}`);
  }
  const address = session.address || `unix:path=${runtime}/bus`;
  return {
    scope: "--user",
    env: [`XDG_RUNTIME_DIR=${runtime}`, `DBUS_SESSION_BUS_ADDRESS=${address}`],
    defaultSlice: "user.slice",
    cgroup,
    transient: `${runtime}/systemd/transient`,
  };
}

/** Root of a user namespace is somebody outside of it, who owns the bus: "inside outside length" a line. */
function ownerOf(euid: number, map = ""): number {
  for (const line of map.split("\n")) {
    const [inside = 0, outside = 0, length = 0] = line.trim().split(/\s+/).map(Number);
    if (inside <= euid && euid < inside + length) return outside + (euid - inside);
  }
  return euid;
}

function findProgram(files: CgroupFiles, name: string): string {
  const found = PROGRAM_DIRECTORIES.map((directory) => `${directory}/${name}`).find((path) => files.exists(path));
  if (found === undefined) throw refusal(`${name} was not found in ${PROGRAM_DIRECTORIES.join(", ")}`);
  return found;
}

function refusal(message: string): TsociError {
  return new TsociError("host", `systemd cgroup driver: ${message}`);
}

type SpawnFlags = Extract<Operation, { op: "spawn" }>["flags"];

/** One command of systemctl(1), which waits until systemd has done it. */
export function systemctl(
  manager: Manager,
  [verb, unit]: readonly [verb: string, unit: string],
  from: string,
  flags: SpawnFlags,
): Operation {
  const args = ["systemctl", manager.scope, "--no-ask-password", "--", verb, unit];
  return { op: "spawn", from, path: manager.systemctl, args, env: manager.env, timeout: PATIENCE, flags };
}

/** One call of systemd's Manager interface (org.freedesktop.systemd1(5)). */
export function callManager(
  manager: Manager,
  [method, signature, ...words]: readonly [method: string, signature: string, ...words: Text[]],
  from: string,
  flags: SpawnFlags,
): Operation {
  const args: Text[] = [
    ...["busctl", manager.scope, `--timeout=${PATIENCE}`, "--quiet", "--", "call"],
    ...["org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"],
    ...[method, signature, ...words],
  ];
  return { op: "spawn", from, path: manager.busctl, args, env: manager.env, timeout: PATIENCE, flags };
}

/** Properties as an argument of type a(sv). */
export function propertyWords(properties: Properties, more: readonly (readonly [string, string, ...Text[]])[] = []) {
  const entries = [...properties].map(([name, { signature, words }]: readonly [string, Variant]) => {
    return [name, signature, ...words] as const;
  });
  return [String(entries.length + more.length), ...entries.flat(), ...more.flat()];
}
