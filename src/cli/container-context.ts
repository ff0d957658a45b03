/** From the flags of create, run, plan and explain to what the planners of a container take. */
import { basename, resolve } from "node:path";
import { TsociError } from "../base/errors.ts";
import type { Facts } from "../facts/facts.ts";
import { machineName, probeFacts } from "../facts/host.ts";
import { planCgroupEntry } from "../linux/cgroup-entry.ts";
import { planCgroups } from "../linux/cgroups/cgroups.ts";
import { cgroupOwner } from "../linux/cgroups/ownership.ts";
import type { ContainerRequest, Context } from "../linux/context.ts";
import { planIntelRdt } from "../linux/intel-rdt.ts";
import { isolationOf } from "../linux/namespaces.ts";
import { type LoadedSpec, loadSpec } from "../spec/load.ts";
import { checkId, ROOT, stateFiles } from "../state/files.ts";
import type { RequestOf } from "./declaration.ts";
import type { Surroundings } from "./main.ts";
import { VERSION } from "./version.ts";

type ContainerCommand = RequestOf<"create" | "run" | "plan" | "explain">;

type CgroupManager = "cgroupfs" | "systemd" | "disabled";

/** What the command line says beside the bundle. */
type Wishes = Omit<
  ContainerRequest,
  "id" | "bundle" | "listenFds" | "notify" | "created" | "umask" | "arch" | "version"
> & {
  readonly rootless: boolean | "auto";
  readonly cgroupManager: CgroupManager;
  /** Nothing is done, so no rights are needed: what only root can run is planned as root would run it. */
  readonly onlyShown: boolean;
  /** --root was given. */
  readonly rootGiven: boolean;
};

/** `run` without flags. */
export const NOTHING_ASKED = {
  command: "run",
  consoleSocket: undefined,
  pidFile: undefined,
  pidfdSocket: undefined,
  detach: false,
  keep: false,
  subreaper: false,
  pivot: true,
  newKeyring: true,
  preserveFds: 0,
} as const;

/** Reads the bundle and this host. Throws TsociError for a bad id, an unreadable or wrong config.json. */
export function containerContext(request: ContainerCommand, surroundings: Surroundings): Context {
  const { flags, global } = request;
  const bundle = resolve(flags.bundle);
  const id = request.args.id ?? basename(bundle);
  checkId(id);
  if (surroundings.root === "/") throw new TsociError("usage", "--root must not be the root directory");
  // Another file than the bundle's was named on purpose: `-f <(…)`.
  const readable = flags.config === "config.json" ? "files" : "streams";
  return buildContext(loadSpec(resolve(bundle, flags.config), readable), bundle, id, surroundings, {
    command: request.command === "create" ? "create" : "run",
    consoleSocket: absolute(flags.consoleSocket),
    pidFile: absolute(flags.pidFile),
    pidfdSocket: absolute(flags.pidfdSocket),
    detach: request.command !== "create" && request.flags.detach,
    keep: request.command !== "create" && request.flags.keep,
    subreaper: !flags.noSubreaper,
    pivot: !flags.noPivot,
    newKeyring: !flags.noNewKeyring,
    preserveFds: flags.preserveFds,
    rootless: global.rootless,
    cgroupManager: global.systemdCgroup ? "systemd" : (global.cgroupManager ?? "cgroupfs"),
    onlyShown: request.command === "plan" || request.command === "explain",
    rootGiven: global.root !== undefined,
  });
}

/** For a configuration that was loaded already, as `run` without flags would see it. */
export function contextOf(loaded: LoadedSpec, bundle: string, surroundings: Surroundings): Context {
  const wishes = { rootless: "auto", cgroupManager: "cgroupfs", onlyShown: true, rootGiven: false } as const;
  return buildContext(loaded, bundle, "validate", surroundings, { ...NOTHING_ASKED, ...wishes });
}

function buildContext(
  loaded: LoadedSpec,
  bundle: string,
  id: string,
  surroundings: Surroundings,
  { rootless, cgroupManager, onlyShown, rootGiven, ...wishes }: Wishes,
): Context {
  const { spec, text: configText, exact } = loaded;
  const listenFds = listenDescriptors();
  const isolation = isolationOf(spec);
  const asRoot = onlyShown && rootless !== true && isolation.of("user") === "shared" && process.geteuid?.() !== 0;
  const facts = asRoot ? factsForRoot() : probeFacts();
  const root = asRoot && !rootGiven ? ROOT : surroundings.root;
  const plan = planCgroups({
    id,
    cgroupsPath: spec.linux?.cgroupsPath,
    resources: spec.linux?.resources,
    host: facts.host,
    files: facts.files,
    rootless: isRootless(rootless, facts.host),
    disabled: cgroupManager === "disabled",
    systemd: cgroupManager === "systemd" ? { annotations: spec.annotations, session: sessionBus() } : undefined,
    exact,
    owner: cgroupOwner(spec, isolation),
  });
  return {
    request: {
      ...wishes,
      id,
      bundle,
      preserveFds: wishes.preserveFds + listenFds,
      listenFds,
      notify: (process.env.NOTIFY_SOCKET ?? "") !== "",
      created: new Date().toISOString(),
      umask: process.umask(),
      arch: machineName(),
      version: VERSION,
    },
    files: stateFiles(root, id),
    spec,
    configText,
    exact,
    facts,
    isolation,
    cgroups: plan,
    intelRdt: planIntelRdt(id, spec.linux?.intelRdt, facts),
    entry: planCgroupEntry({ join: plan.join, paths: plan.paths, needsStage: isolation.needsStage }),
  };
}

/**
 * An ordinary user can run nothing without a user namespace. Whether root could write a file can't be asked for as
 * somebody else; root can, but where cgroups are mounted read-only.
 */
function factsForRoot(): Facts {
  const { host, files } = probeFacts();
  return { host: { ...host, euid: 0, egid: 0 }, files: { ...files, writable: files.exists } };
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

function isRootless(flag: boolean | "auto", host: { readonly euid: number; readonly userNamespace: boolean }): boolean {
  return flag === "auto" ? host.euid !== 0 || host.userNamespace : flag;
}

/** Where the systemd of an ordinary user is reached. */
function sessionBus() {
  return { address: process.env.DBUS_SESSION_BUS_ADDRESS, runtimeDirectory: process.env.XDG_RUNTIME_DIR };
}

/** Socket activation is for the process that LISTEN_PID names: the front door, our parent (sd_listen_fds(3)). */
function listenDescriptors(): number {
  const { LISTEN_FDS = "", LISTEN_PID = "" } = process.env;
  return Number(LISTEN_PID) === process.ppid && /^\d+$/.test(LISTEN_FDS) ? Number(LISTEN_FDS) : 0;
}
