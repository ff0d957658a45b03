/** For the tests: the context of a container named "demo" on a recorded host. */
import { type FixtureName, recordedFacts } from "../../facts/recorded.ts";
import type { Process, Spec } from "../../spec/generated/config.ts";
import { planCgroupEntry } from "../cgroup-entry.ts";
import { planCgroups } from "../cgroups/cgroups.ts";
import { rootlessCgroups } from "../cgroups/place.ts";
import type { ContainerRequest, Context } from "../context.ts";
import { planIntelRdt } from "../intel-rdt.ts";
import { isolationOf } from "../namespaces.ts";

const REQUEST: ContainerRequest = {
  command: "run",
  id: "demo",
  bundle: "/bundle",
  consoleSocket: undefined,
  pidFile: undefined,
  pidfdSocket: undefined,
  detach: false,
  keep: false,
  subreaper: true,
  pivot: true,
  newKeyring: true,
  preserveFds: 0,
  listenFds: 0,
  notify: false,
  created: "2026-01-01T00:00:00.000Z",
  umask: 0o22,
  arch: "x64",
  version: "0.0.0",
};

const FILES = {
  root: "/run/tsoci",
  directory: "/run/tsoci/demo",
  undo: "/run/tsoci/demo/undo",
  commands: "/run/tsoci/demo/commands",
  identity: "/run/tsoci/demo/init",
  config: "/run/tsoci/demo/config.json",
  state: "/run/tsoci/demo/state.json",
  startSocket: "/run/tsoci/demo/start.sock",
  notify: "/run/tsoci/demo/notify",
};

export const PROCESS: Process = { args: ["/bin/true"], cwd: "/" };

/** The least that a container takes. */
export const SPEC: Spec = { ociVersion: "1.3.0", root: { path: "rootfs" }, process: PROCESS };

export interface Situation extends Partial<ContainerRequest> {
  /** `--systemd-cgroup` */
  readonly systemd?: boolean;
  readonly host?: FixtureName;
  /** More of the host's. */
  readonly files?: Readonly<Record<string, string | null>>;
  /** Integers beyond 2^53, by pointer. */
  readonly exact?: Readonly<Record<string, bigint>>;
}

export function contextFor(
  part: Partial<Spec>,
  { host = "v1", exact = {}, files = {}, systemd = false, ...request }: Situation = {},
): Context {
  const spec = { ...SPEC, ...part };
  const facts = recordedFacts(host, files);
  const isolation = isolationOf(spec);
  const cgroups = planCgroups({
    id: "demo",
    cgroupsPath: spec.linux?.cgroupsPath,
    resources: spec.linux?.resources,
    host: facts.host,
    files: facts.files,
    rootless: rootlessCgroups(facts.host),
    systemd: systemd ? { annotations: spec.annotations, session: {} } : undefined,
  });
  return {
    request: { ...REQUEST, ...request },
    files: FILES,
    spec,
    configText: JSON.stringify(spec),
    exact: (pointer) => exact[pointer],
    facts,
    isolation,
    cgroups,
    intelRdt: planIntelRdt("demo", spec.linux?.intelRdt, facts),
    entry: planCgroupEntry({ join: cgroups.join, paths: cgroups.paths, needsStage: isolation.needsStage }),
  };
}
