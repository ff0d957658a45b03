/** Every plan that the planners make is sound: checkPlan proves it for a matrix of configurations and for the bundles. */
import { existsSync, readdirSync } from "node:fs";
import { test } from "tap";
import { TsociError } from "../base/errors.ts";
import { FIXTURES, type FixtureName } from "../facts/recorded.ts";
import type { NamespaceType } from "../kernel/namespaces.ts";
import { checkPlan } from "../plan/check.ts";
import { encode } from "../plan/wire.ts";
import type { Hooks, Namespace, Spec } from "../spec/generated/config.ts";
import { loadSpec } from "../spec/load.ts";
import { planCgroupEntry } from "./cgroup-entry.ts";
import { planContainer } from "./container.ts";
import { planExec } from "./exec.ts";
import { contextFor, PROCESS, type Situation } from "./testing/context.ts";

type Presence = "shared" | "new" | "joined";

const PRESENCES: readonly Presence[] = ["shared", "new", "joined"];

/** Every way to have these; uts and ipc go with network. */
function* namespaceSets(): Generator<Namespace[]> {
  for (const user of PRESENCES)
    for (const pid of PRESENCES)
      for (const mount of PRESENCES)
        for (const network of PRESENCES)
          for (const cgroup of PRESENCES)
            for (const time of ["shared", "new"] as const) {
              const wanted = { user, pid, mount, network, cgroup, time, uts: network, ipc: network };
              yield namespaces(wanted);
            }
}

function namespaces(wanted: Readonly<Record<NamespaceType, Presence>>): Namespace[] {
  return (Object.keys(wanted) as NamespaceType[])
    .filter((type) => wanted[type] !== "shared")
    .map((type) => (wanted[type] === "joined" ? { type, path: `/proc/1/ns/${type}` } : { type }));
}

const HOOK = { path: "/bin/hook", args: ["hook", "now"], timeout: 3 };

const EVERY_HOOK: Hooks = {
  prestart: [HOOK],
  createRuntime: [HOOK, { ...HOOK, env: ["A=b"] }],
  createContainer: [HOOK],
  startContainer: [HOOK],
  poststart: [HOOK],
  poststop: [HOOK],
};

const MOUNTS: NonNullable<Spec["mounts"]> = [
  { destination: "/proc", type: "proc", source: "proc" },
  { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755"] },
  { destination: "/dev/pts", type: "devpts", source: "devpts" },
  { destination: "/data", source: "/srv", options: ["rbind", "ro", "rslave"] },
  { destination: "/data/again", options: ["remount", "bind", "ro"], source: "/srv" },
];

interface Rest {
  readonly spec: Partial<Spec>;
  readonly situation: Situation;
}

/** What goes with the namespaces, in turn. */
const RESTS: readonly Rest[] = [
  { spec: {}, situation: {} },
  {
    spec: { hooks: EVERY_HOOK, mounts: MOUNTS },
    situation: { command: "create", pidFile: "/run/demo.pid", pidfdSocket: "/run/pidfd.sock" },
  },
  { spec: { hooks: EVERY_HOOK, process: { ...PROCESS, terminal: true } }, situation: { keep: true, notify: true } },
  {
    spec: { mounts: MOUNTS, process: { ...PROCESS, terminal: true, oomScoreAdj: 100 } },
    situation: { command: "create", consoleSocket: "/run/console.sock", preserveFds: 2, notify: true },
  },
  {
    spec: { hooks: { createRuntime: [HOOK] }, process: { ...PROCESS, noNewPrivileges: true }, hostname: "demo" },
    situation: { detach: true, pivot: false, notify: true },
  },
  {
    spec: {
      process: {
        ...PROCESS,
        rlimits: [{ type: "RLIMIT_NOFILE", soft: 8, hard: 8 }],
        scheduler: { policy: "SCHED_RR", priority: 1 },
        ioPriority: { class: "IOPRIO_CLASS_BE", priority: 7 },
      },
      mounts: MOUNTS,
    },
    situation: { newKeyring: false, listenFds: 1, preserveFds: 1 },
  },
];

const NOTIFYING = {
  defaultAction: "SCMP_ACT_ALLOW",
  listenerPath: "agent.sock",
  syscalls: [{ names: ["mkdir"], action: "SCMP_ACT_NOTIFY" }],
} as const;

const HOSTS: readonly FixtureName[] = ["v1", "v2", "hybrid", "v2-rootless"];

function linux(namespaces: Namespace[], index: number): NonNullable<Spec["linux"]> {
  const seccomp = {
    defaultAction: "SCMP_ACT_ERRNO",
    syscalls: [{ names: ["read"], action: "SCMP_ACT_ALLOW" }],
  } as const;
  const maps = [{ containerID: 0, hostID: 1000, size: index % 3 === 0 ? 1 : 65536 }];
  return {
    namespaces,
    ...(namespaces.some(({ type, path }) => type === "user" && path === undefined)
      ? { uidMappings: maps, gidMappings: maps }
      : {}),
    ...(index % 3 === 1 ? { seccomp: NOTIFYING } : {}),
    ...(index % 2 === 0 ? { seccomp: { ...seccomp, syscalls: [{ names: ["read"], action: "SCMP_ACT_ALLOW" }] } } : {}),
    maskedPaths: ["/proc/kcore"],
    readonlyPaths: ["/proc/sys"],
    sysctl: { "net.ipv4.ip_forward": "1" },
    ...(index % 11 === 0 && namespaces.some(({ type }) => type === "network")
      ? { netDevices: { eth1: {}, wg0: { name: "eth%d" } } }
      : {}),
    ...(index % 5 === 0 ? { rootfsPropagation: "shared" } : {}),
    ...(index % 7 === 0 ? { personality: { domain: "LINUX32" }, memoryPolicy: { mode: "MPOL_BIND", nodes: "0" } } : {}),
  };
}

test("every combination of namespaces, hooks, terminal, command and host", async (t) => {
  let plans = 0;
  for (const [index, set] of [...namespaceSets()].entries()) {
    for (const [turn, { spec, situation }] of RESTS.entries()) {
      const host = HOSTS[(index + turn) % HOSTS.length] ?? "v1";
      const context = contextFor({ ...spec, linux: linux(set, index) }, { host, ...situation });
      const problems = checkPlan(planContainer(context));
      plans++;
      if (problems.length > 0) t.same(problems, [], JSON.stringify({ host, ...situation, ...context.spec }));
    }
  }
  t.equal(plans, 486 * RESTS.length);
});

test("id-mapped mounts, with every combination of namespaces", async (t) => {
  const ids = [{ containerID: 0, hostID: 5000, size: 1 }];
  const mounts: Spec["mounts"] = [
    ...MOUNTS,
    {
      destination: "/mapped",
      source: "/srv",
      options: ["rbind", "ridmap", "copy-symlink"],
      uidMappings: ids,
      gidMappings: ids,
    },
  ];
  for (const [index, set] of [...namespaceSets()].entries()) {
    const spec = { mounts, hooks: EVERY_HOOK, process: { ...PROCESS, terminal: index % 2 === 0 } };
    const context = contextFor({ ...spec, linux: linux(set, index) }, { host: index % 3 === 0 ? "v1" : "v2" });
    const problems = checkPlan(planContainer(context));
    if (problems.length > 0) t.same(problems, [], JSON.stringify(set));
  }
});

test("a container without a process is created, and never executes anything", async (t) => {
  const { process: _, ...spec } = contextFor({ linux: { namespaces: [{ type: "mount" }] } }).spec;
  const context = contextFor({}, { command: "create" });
  const plan = planContainer({ ...context, spec });
  t.same(checkPlan(plan), []);
  t.notOk(plan.sections.init?.some(({ op }) => op === "exec"));
});

test("exec into every kind of container", async (t) => {
  const kinds: NamespaceType[][] = [[], ["mount"], ["mount", "pid"], ["user", "mount", "pid", "network"], ["network"]];
  for (const kind of kinds) {
    for (const host of HOSTS) {
      for (const [terminal, detach] of [
        [false, false],
        [false, true],
        [true, false],
        [true, true],
      ] as const) {
        const context = contextFor({}, { host });
        const plan = planExec({
          id: "demo",
          process: {
            ...PROCESS,
            terminal,
            oomScoreAdj: 5,
            scheduler: { policy: "SCHED_BATCH" },
            ...(detach ? { execCPUAffinity: { initial: "0", final: "0-1" } } : { selinuxLabel: "a:b:c:d" }),
          },
          base: "/process",
          exact: () => undefined,
          facts: context.facts,
          linux: detach ? {} : { seccomp: NOTIFYING },
          annotations: { a: "b" },
          bundle: "/bundle",
          status: "running",
          init: { pid: 4711, startTime: 99 },
          namespaces: kind,
          setUpAs: { uid: 0, gid: 0 },
          keyring: true,
          entry: planCgroupEntry({ join: context.cgroups.join, paths: {}, needsStage: true }),
          intelRdtPath: detach ? "/sys/fs/resctrl/demo" : undefined,
          consoleSocket: terminal && detach ? "/run/console.sock" : undefined,
          pidFile: "/run/exec.pid",
          pidfdSocket: detach ? "/run/pidfd.sock" : undefined,
          detach,
          preserveFds: 0,
          umask: 0o22,
          arch: "x64",
        });
        t.same(checkPlan(plan), [], `${kind.join(",")} ${host} terminal ${terminal} detach ${detach}`);
      }
    }
  }
});

const BUNDLES = new URL("../../bundles/", import.meta.url);

test("every bundle on every recorded host: a sound plan, or an error that says why not", async (t) => {
  const names = existsSync(BUNDLES) ? readdirSync(BUNDLES) : [];
  const bundles = names.filter((name) => existsSync(new URL(`${name}/config.json`, BUNDLES)));
  for (const name of bundles) {
    const { spec } = loadSpec(new URL(`${name}/config.json`, BUNDLES).pathname);
    for (const host of FIXTURES) {
      try {
        const plan = planContainer(contextFor(spec, { host }));
        t.same(checkPlan(plan), [], `${name} on ${host}`);
        t.ok(encode(plan).length > 0);
      } catch (error) {
        t.ok(error instanceof TsociError, `${name} on ${host}: ${error}`);
      }
    }
  }
});
