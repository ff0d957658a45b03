/**
 * The order in which a container comes to be: the one place where it is written down. Each step names its planner and
 * says why it stands where it stands. The runtime (host) and init work at the same time; `wait` and `wake` tie them.
 */
import type { Operation } from "../plan/operations.ts";
import type { Context, Planner } from "./context.ts";
import { resetAffinity } from "./cpu-affinity.ts";
import { planDevices } from "./devices.ts";
import { setOomScore } from "./from-outside.ts";
import { hasHooks, planHooks } from "./hooks.ts";
import { settingUpAs, writeMaps } from "./ids.ts";
import { makeKeyring } from "./keyring.ts";
import { hostGives, limitsAndPriorities } from "./limits-and-priorities.ts";
import { planMasks } from "./masks.ts";
import { withMountLabel } from "./mount-label.ts";
import { handOverSources } from "./mount-sources.ts";
import { planMounts, planReadonlyMounts } from "./mounts.ts";
import { joinInInit, newNamespaces, openNamespaces, stageOperations } from "./namespaces.ts";
import { giveNetwork, moveDevices, movesDevices, startLoopback } from "./network-devices.ts";
import { handOverNotifyDirectory, makeNotifyDirectory, mountNotifyDirectory } from "./notify.ts";
import { sendPidfdOfInit } from "./pidfd-socket.ts";
import { enterRoot, handOverRoot, prepareRoot, readonlyRoot } from "./rootfs.ts";
import { labelKeys } from "./security-labels.ts";
import { planSysctl } from "./sysctl.ts";
import { connectConsole, openTerminal, receiveTerminal, type TerminalRequest } from "./terminal.ts";
import { planTime } from "./time.ts";
import { planUts } from "./uts.ts";

interface Step {
  readonly plan: Planner;
  readonly because: string;
}

export function terminalOf({ spec, request }: Context): TerminalRequest | undefined {
  if (!spec.process) return undefined;
  return { process: spec.process, base: "/process", consoleSocket: request.consoleSocket, console: true };
}

function withTerminal(plan: (request: TerminalRequest) => readonly Operation[]): Planner {
  return (context) => {
    const request = terminalOf(context);
    return request ? plan(request) : [];
  };
}

const fixed =
  (...operations: readonly Operation[]): Planner =>
  () =>
    operations;

function cloneFirst({ isolation, request, entry }: Context): Operation[] {
  const from = "/linux/namespaces";
  const preserve = request.preserveFds;
  if (isolation.needsStage) return [{ op: "clone", from, flags: [], into: "stage", preserve, cgroup: entry.cloneInto }];
  return [{ op: "clone", from, flags: newNamespaces(isolation), into: "init", preserve, cgroup: entry.cloneInto }];
}

const runtimeHooks: Planner = (context) => [
  { op: "on_failure", from: "hooks", sections: ["undo", "poststop"] },
  ...planHooks(context, "prestart"),
  ...planHooks(context, "createRuntime"),
];

/** What the runtime does once the mounts stand, while init waits. */
const whenRuntimeWorks =
  (...operations: readonly Operation[]): Planner =>
  (context) =>
    hasHooks(context, "prestart", "createRuntime") || movesDevices(context) ? operations : [];

/** With a stage always: init must not say anything before the stage has told its pid, over the same socket. */
const whenPlaced =
  (...operations: readonly Operation[]): Planner =>
  ({ entry, isolation }) =>
    entry.join.length > 0 || isolation.needsStage ? operations : [];

/** The runtime, from the first effect after the undo has been recorded to the moment when init is ready. */
export const HOST: readonly Step[] = [
  {
    plan: ({ request }) => [{ op: "enter_directory", from: "--bundle", path: request.bundle }],
    because: "hooks of runc and crun run there too, and look for their files by relative paths",
  },
  { plan: makeNotifyDirectory, because: "init mounts it" },
  {
    plan: ({ isolation }) => openNamespaces(isolation),
    because: "their paths are the host's, and may end with the caller",
  },
  { plan: withTerminal(connectConsole), because: "a socket that does not answer is the cheapest failure" },
  { plan: ({ cgroups }) => cgroups.create, because: "limits must stand before anything joins" },
  { plan: ({ intelRdt }) => intelRdt.create, because: "for the same reason" },
  { plan: ({ entry }) => entry.open, because: "init enters its cgroups by itself, which costs the host less" },
  { plan: cloneFirst, because: "init works on while the runtime goes on with the cgroups" },
  {
    plan: (context) => writeMaps(context),
    because: "the stage can do nothing before it is root in its user namespace",
  },
  {
    plan: ({ isolation }) => (isolation.needsStage ? [{ op: "wait", from: "namespaces", step: "cloned" }] : []),
    because: "only now init has a pid",
  },
  {
    plan: ({ files }) => [{ op: "identity", from: "state", path: files.identity, mode: "save" }],
    because: "whoever cleans up after a crash must know which process was meant",
  },
  { plan: ({ entry }) => entry.join, because: "what init can't enter by itself" },
  { plan: ({ intelRdt }) => intelRdt.join, because: "what init starts inherits its class" },
  {
    plan: ({ spec }) => (spec.process ? setOomScore(spec.process, "/process") : []),
    because: "init may lack the privilege to lower its own",
  },
  { plan: whenPlaced({ op: "wake", from: "cgroup", step: "placed" }), because: "init waits for it" },
  { plan: handOverRoot, because: "a container's root may not reach the directory" },
  { plan: handOverSources, because: "in the order in which init mounts them" },
  { plan: handOverNotifyDirectory, because: "in this order, too" },
  { plan: withTerminal(receiveTerminal), because: "init opens it before it tells that the mounts stand" },
  {
    plan: whenRuntimeWorks({ op: "wait", from: "hooks", step: "mounted" }),
    because: "hooks expect the mounts (config.md)",
  },
  { plan: moveDevices, because: "hooks set up the network; what fails before this leaves the host its devices" },
  { plan: runtimeHooks, because: "after the namespaces exist, before pivot_root (config.md)" },
  { plan: whenRuntimeWorks({ op: "wake", from: "hooks", step: "hooked" }), because: "init waits for it" },
  {
    plan: fixed({ op: "wait", from: "init", step: "ready" }),
    because: "from here on nothing of init can fail any more",
  },
  {
    plan: ({ spec, exact, isolation }) =>
      spec.process && hostGives(isolation.of("user") !== "shared")
        ? limitsAndPriorities(spec.process, "/process", exact)
        : [],
    because: "they apply to the program, and would hamper the setting-up",
  },
  { plan: sendPidfdOfInit, because: "whoever gets it may rely on a process that is set up" },
];

/** The intermediate process. */
export const STAGE: readonly Step[] = [
  {
    plan: ({ isolation, facts }) =>
      // An ordinary user must write the id maps of the stage, whose files would belong to root.
      facts.host.euid === 0 || isolation.of("user") !== "new" ? [{ op: "dumpable", from: "security", value: 0 }] : [],
    because: "processes of the namespaces that it joins must not look into it (CVE-2016-9962)",
  },
  {
    plan: (context) => stageOperations(context.isolation, settingUpAs(context), context.request.preserveFds),
    because: "it has nothing else to do",
  },
];

const newKeyring: Planner = ({ request, spec, facts }) =>
  request.newKeyring ? labelKeys(spec.process, "/process", facts, makeKeyring(request.id)) : [];

/** init, until it waits for its start. The process itself is planned in process.ts. */
export const INIT: readonly Step[] = [
  { plan: ({ entry }) => entry.enter, because: "what init uses counts for the container from here on" },
  { plan: ({ isolation }) => joinInInit(isolation), because: "everything after is meant for these namespaces" },
  { plan: fixed({ op: "procfs", from: "security" }), because: "no later mount can cover it (CVE-2025-52881)" },
  {
    plan: ({ isolation }) =>
      isolation.of("time") === "new" && isolation.of("user") === "new"
        ? [{ op: "dumpable", from: "security", value: 1 }]
        : [],
    because: "else the file of the offsets would belong to the host's root; nobody else is in the user namespace yet",
  },
  { plan: planTime, because: "offsets can't change once a process is in the time namespace" },
  { plan: fixed({ op: "dumpable", from: "security", value: 0 }), because: "nobody may look into init (CVE-2016-9962)" },
  {
    plan: fixed({ op: "setsid", from: "process" }),
    because: "a terminal needs a session, and signals of the caller's are not ours",
  },
  {
    plan: newKeyring,
    because: "the caller's keys are not the container's",
  },
  { plan: planUts, because: "it needs nothing else" },
  {
    plan: ({ isolation }) => startLoopback(isolation),
    because: "hooks and programs count on it; it needs nothing else",
  },
  {
    plan: whenPlaced({ op: "wait", from: "cgroup", step: "placed" }),
    because: "cgroup namespace and cgroup mounts show this place",
  },
  { plan: () => resetAffinity("cgroup"), because: "the cpuset of the container decides, and it is known now" },
  {
    plan: ({ isolation }) =>
      isolation.of("cgroup") === "new"
        ? [{ op: "unshare", from: "/linux/namespaces", flags: ["CLONE_NEWCGROUP"] }]
        : [],
    because: "its root is the cgroup of the process at this moment",
  },
  { plan: prepareRoot, because: "mounts go below it" },
  {
    plan: (context) => withMountLabel(context, planMounts(context)),
    because: "in the listed order (config.md, Mounts)",
  },
  { plan: mountNotifyDirectory, because: "below /run, where config.json may have mounted something" },
  { plan: planDevices, because: "most of them live in a mount" },
  { plan: withTerminal(openTerminal), because: "it comes from the container's own /dev/pts" },
  { plan: planReadonlyMounts, because: "everything that belongs into them is there" },
  { plan: whenRuntimeWorks({ op: "wake", from: "hooks", step: "mounted" }), because: "the runtime's hooks run now" },
  { plan: giveNetwork, because: "the runtime waits for it" },
  {
    plan: whenRuntimeWorks({ op: "wait", from: "hooks", step: "hooked" }),
    because: "they come before createContainer hooks",
  },
  {
    plan: (context) => planHooks(context, "createContainer"),
    because: "before pivot_root, in the container's namespaces (config.md)",
  },
  { plan: planMasks, because: "hooks may have mounted what must be hidden" },
  { plan: (context) => readonlyRoot(context), because: "every mount point has been made" },
  { plan: enterRoot, because: "nothing of the host is needed any more" },
  { plan: planSysctl, because: "through the private procfs, in the namespaces of the container" },
];

/** Runs planners in order and joins their results. */
export function inOrder(steps: readonly Step[], context: Context): Operation[] {
  return steps.flatMap(({ plan }) => plan(context));
}
