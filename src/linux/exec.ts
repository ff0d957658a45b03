/**
 * `tsoci exec`: another process in a running container. A stage outside joins the container's namespaces through a pidfd
 * of init, and clones the process: nothing of the host's program is ever visible inside (CVE-2019-5736).
 */
import type { Facts } from "../facts/facts.ts";
import { NAMESPACES, type NamespaceType } from "../kernel/namespaces.ts";
import { SIGNALS } from "../kernel/signals.ts";
import type { Operation } from "../plan/operations.ts";
import type { Plan } from "../plan/plan.ts";
import type { Linux, Process, Spec } from "../spec/generated/config.ts";
import type { CgroupEntry } from "./cgroup-entry.ts";
import { finalAffinity, initialAffinity } from "./cpu-affinity.ts";
import { setOomScore, waitForRecord, writePidFile } from "./from-outside.ts";
import { joinClass } from "./intel-rdt.ts";
import { joinKeyring } from "./keyring.ts";
import { hostGives, limitsAndPriorities } from "./limits-and-priorities.ts";
import { becomeMapped, type Ids } from "./namespaces.ts";
import { sendPidfd } from "./pidfd-socket.ts";
import { groupRule, planProcess } from "./process.ts";
import { sendToAgent } from "./seccomp/agent.ts";
import { sourceOf } from "./seccomp/source.ts";
import { hasLabels, labelKeys } from "./security-labels.ts";
import { connectConsole, openTerminal, receiveTerminal, type TerminalRequest } from "./terminal.ts";

export interface ExecContext {
  readonly id: string;
  readonly process: Process;
  /** JSON Pointer of the process in its file. */
  readonly base: string;
  readonly exact: (pointer: string) => bigint | undefined;
  readonly facts: Facts;
  /** Of the container. */
  readonly linux: Pick<Linux, "seccomp" | "personality" | "memoryPolicy">;
  readonly annotations: Spec["annotations"];
  readonly bundle: string;
  readonly status: string;
  /** init of the container. */
  readonly init: { readonly pid: number; readonly startTime: number };
  /** Of the container's own, new or joined at create. */
  readonly namespaces: readonly NamespaceType[];
  /** Somebody in its user namespace, as at create. */
  readonly setUpAs: Ids;
  /** The container has a session keyring of its own. */
  readonly keyring: boolean;
  /** How the process gets into the container's cgroups. */
  readonly entry: CgroupEntry;
  /** The container's class of service in resctrl. */
  readonly intelRdtPath: string | undefined;
  readonly consoleSocket: string | undefined;
  readonly pidFile: string | undefined;
  readonly pidfdSocket: string | undefined;
  readonly detach: boolean;
  readonly preserveFds: number;
  readonly umask: number;
  readonly arch: string;
}

/** Plans `exec`. Throws TsociError for a process that the host can't give. */
export function planExec(context: ExecContext): Plan {
  const userNamespace = context.namespaces.includes("user");
  const process = planProcess({
    ...context,
    userNamespace,
    // Whoever mapped the ids of the container decided about setgroups(2); root of the host could do it always.
    groups: groupRule(context.annotations, userNamespace && context.facts.host.euid !== 0),
    listenFds: 0,
    notify: false,
  });
  return {
    failure: "exec failed",
    failureStatus: 255,
    sections: {
      host: [...process.warnings, ...host(context)],
      stage: stage(context),
      init: [...init(context), ...process.prepare, ...waitForRecord("exec"), ...process.execute],
      undo: [
        { op: "kill", from: "undo", signal: SIGNALS.SIGKILL, freezer: "", thaw: "", flags: ["wait", "missing_ok"] },
      ],
    },
  };
}

function terminalOf({ process, base, consoleSocket }: ExecContext): TerminalRequest {
  return { process, base, consoleSocket, console: false };
}

function host(context: ExecContext): Operation[] {
  const { init, process, base, exact, pidFile, pidfdSocket } = context;
  const operations: Operation[] = [
    ...connectConsole(terminalOf(context)),
    { op: "find_process", from: "exec", into: "container", pid: init.pid, start_time: init.startTime },
  ];
  if (!context.namespaces.includes("mount")) {
    // A root that chroot(2) made is no namespace's: it is taken from init.
    operations.push({
      op: "open",
      from: "exec",
      into: "rootfs",
      path: `/proc/${init.pid}/root`,
      open: ["O_PATH", "O_CLOEXEC"],
      flags: [],
    });
  }
  operations.push(
    ...context.entry.open,
    ...initialAffinity(process, base),
    {
      op: "clone",
      from: "exec",
      flags: [],
      into: "stage",
      preserve: context.preserveFds,
      cgroup: context.entry.cloneInto,
    },
    { op: "on_failure", from: "exec", sections: ["undo"] },
    { op: "wait", from: "exec", step: "cloned" },
    ...context.entry.join,
    ...(context.intelRdtPath === undefined ? [] : joinClass(context.intelRdtPath)),
    ...setOomScore(process, base),
    { op: "wake", from: "cgroup", step: "placed" },
    ...receiveTerminal(terminalOf(context)),
    { op: "wait", from: "exec", step: "ready" },
    ...(hostGives(context.namespaces.includes("user")) ? limitsAndPriorities(process, base, exact) : []),
    ...(pidfdSocket === undefined ? [] : sendPidfd("--pidfd-socket", pidfdSocket, "setns")),
    ...writePidFile(pidFile),
    { op: "wake", from: "exec", step: "committed" },
    ...sendToAgent(sourceOf(context), context, { status: context.status, pid: init.pid }),
    { op: "await_exec", from: `${base}/args` },
  );
  if (!context.detach) {
    const flags = process.terminal === true ? (["terminal"] as const) : [];
    operations.push({ op: "foreground", from: "exec", flags });
  }
  return operations;
}

function stage({ namespaces, setUpAs, preserveFds }: ExecContext): Operation[] {
  const types = namespaces.map((type) => NAMESPACES[type].flag);
  return [
    { op: "dumpable", from: "security", value: 0 },
    ...(types.length > 0 ? [{ op: "setns", from: "exec", slot: "container", types, flags: [] } as const] : []),
    ...(namespaces.includes("user") ? becomeMapped(setUpAs, "exec") : []),
    { op: "clone", from: "exec", flags: [], into: "init", preserve: preserveFds, cgroup: "" },
  ];
}

function init(context: ExecContext): Operation[] {
  const { id, namespaces, process, base, facts } = context;
  const keyring = context.keyring ? labelKeys(process, base, facts, joinKeyring(id)) : [];
  const operations: Operation[] = [
    { op: "close", from: "exec", slot: "container" },
    { op: "setsid", from: "exec" },
    ...(process.terminal === true || hasLabels(process, facts) ? [{ op: "procfs", from: "security" } as const] : []),
    ...keyring,
    ...context.entry.enter,
    // Also keeps it from saying anything before the stage has told its pid, over the same socket.
    { op: "wait", from: "cgroup", step: "placed" },
    ...finalAffinity(process, base),
  ];
  if (!namespaces.includes("mount")) operations.push({ op: "enter_root", from: "exec", how: "chroot" });
  if (process.terminal === true) {
    operations.push(
      { op: "open", from: "exec", into: "rootfs", path: "/", open: ["O_PATH", "O_CLOEXEC"], flags: [] },
      ...openTerminal(terminalOf(context)),
    );
  }
  return operations;
}
