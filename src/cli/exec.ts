/** `tsoci exec`. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { TsociError } from "../base/errors.ts";
import type { Facts } from "../facts/facts.ts";
import { machineName, probeFacts } from "../facts/host.ts";
import { type CgroupEntry, planCgroupEntry } from "../linux/cgroup-entry.ts";
import { planCgroupJoin } from "../linux/cgroups/exec.ts";
import { planExec } from "../linux/exec.ts";
import { settingUpAs } from "../linux/ids.ts";
import { isolationOf } from "../linux/namespaces.ts";
import { checkTerminal } from "../linux/terminal.ts";
import type { Plan } from "../plan/plan.ts";
import type { Capabilities, Process, Spec } from "../spec/generated/config.ts";
import { loadProcess, loadSpec } from "../spec/load.ts";
import { checkEnvironment } from "../spec/rules/environment.ts";
import { type Container, findContainer } from "../state/containers.ts";
import type { RequestOf } from "./declaration.ts";
import type { Surroundings } from "./main.ts";

type ExecRequest = RequestOf<"exec">;

/** The process, the file that it comes from, and how to read its large integers. */
interface Source {
  readonly process: Process;
  readonly base: string;
  readonly exact: (pointer: string) => bigint | undefined;
}

export function exec(request: ExecRequest, { root }: Surroundings): Plan {
  const { flags, args } = request;
  const container = findContainer(root, args.id);
  checkStatus(container, flags.ignorePaused);
  // As it was at create: later edits of the bundle have no effect (runtime.md, Lifecycle, step 2).
  const loaded = loadSpec(container.files.config);
  const source = processOf(request, loaded.spec, loaded.exact);
  const terminal = source.process.terminal === true;
  checkTerminal({ terminal, detached: flags.detach, consoleSocket: flags.consoleSocket });
  const facts = probeFacts();
  return planExec({
    id: args.id,
    ...source,
    facts,
    linux: loaded.spec.linux ?? {},
    annotations: loaded.spec.annotations,
    bundle: container.bundle,
    status: container.status,
    init: { pid: container.pid, startTime: container.recorded.init_process_start },
    namespaces: container.recorded.config.namespaces.map(({ type }) => type),
    setUpAs: settingUpAs({ spec: loaded.spec, isolation: isolationOf(loaded.spec) }),
    keyring: !container.recorded.config.no_new_keyring,
    entry: entryOf(container, flags.cgroup, facts),
    intelRdtPath: container.recorded.intel_rdt_path,
    consoleSocket: flags.consoleSocket === undefined ? undefined : resolve(flags.consoleSocket),
    pidFile: flags.pidFile === undefined ? undefined : resolve(flags.pidFile),
    pidfdSocket: flags.pidfdSocket === undefined ? undefined : resolve(flags.pidfdSocket),
    detach: flags.detach,
    preserveFds: flags.preserveFds,
    umask: process.umask(),
    arch: machineName(),
  });
}

function entryOf({ recorded, pid }: Container, subPaths: readonly string[], { host, files }: Facts): CgroupEntry {
  const paths = recorded.cgroup_paths;
  const initCgroup = readFileSync(`/proc/${pid}/cgroup`, "utf8");
  const join = planCgroupJoin({ paths, subPaths, managed: recorded.tsoci.managed, files, host, initCgroup });
  return planCgroupEntry({ join, paths, needsStage: true });
}

function checkStatus({ status }: Container, ignorePaused: boolean): void {
  if (status === "stopped") throw new TsociError("state", "cannot exec in a stopped container");
  if (status === "paused" && !ignorePaused) {
    throw new TsociError("state", "cannot exec in a paused container (use --ignore-paused to override)");
  }
}

function processOf(request: ExecRequest, spec: Spec, exact: Source["exact"]): Source {
  const { flags, args } = request;
  if (flags.process !== undefined) {
    const loaded = loadProcess(resolve(flags.process));
    return { process: loaded.process, base: "", exact: loaded.exact };
  }
  checkVariables(flags.env);
  if (args.command.length === 0) throw new TsociError("usage", "exec args cannot be empty");
  return { process: withFlags(spec.process ?? { args: [], cwd: "/" }, request), base: "/process", exact };
}

function checkVariables(variables: readonly string[]): void {
  checkEnvironment(variables, "", (_, message) => {
    throw new TsociError("usage", message);
  });
}

/** The container's own process, but for what the flags say (CLI.md 1.2, exec). */
function withFlags(base: Process, { flags, args }: ExecRequest): Process {
  const { uid, gid } = base.user ?? { uid: 0, gid: 0 };
  const { consoleSize: _size, ...rest } = base;
  return {
    ...rest,
    args: args.command,
    terminal: flags.tty,
    cwd: flags.cwd ?? base.cwd,
    env: [...(base.env ?? []), ...flags.env],
    user: {
      ...base.user,
      uid: flags.user?.uid ?? uid,
      gid: flags.user?.gid ?? gid,
      additionalGids: [...(base.user?.additionalGids ?? []), ...flags.additionalGids],
    },
    ...(flags.processLabel === undefined ? {} : { selinuxLabel: flags.processLabel }),
    ...(flags.apparmor === undefined ? {} : { apparmorProfile: flags.apparmor }),
    ...(flags.noNewPrivs === undefined ? {} : { noNewPrivileges: flags.noNewPrivs }),
    ...(flags.cap.length === 0 ? {} : { capabilities: withCapabilities(base.capabilities ?? {}, flags.cap) }),
  };
}

/** Never the inheritable set (CVE-2022-29162); the ambient one only where the container has inheritable ones. */
function withCapabilities(base: Capabilities, added: readonly string[]): Capabilities {
  const more = (set: readonly string[] | undefined) => [...new Set([...(set ?? []), ...added])];
  return {
    ...base,
    bounding: more(base.bounding),
    effective: more(base.effective),
    permitted: more(base.permitted),
    ...(base.inheritable === undefined || base.inheritable.length === 0 ? {} : { ambient: more(base.ambient) }),
  };
}
