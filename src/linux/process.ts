/**
 * process (config.md, "Process"): what init does to itself once the root is the container's, until it executes the
 * program. `create`, `run` and `exec` share it.
 */
import { TsociError } from "../base/errors.ts";
import type { Facts } from "../facts/facts.ts";
import { capabilityMask } from "../kernel/capabilities.ts";
import type { Operation } from "../plan/operations.ts";
import type { Linux, Process, Spec, User } from "../spec/generated/config.ts";
import { type CapabilitySets, grantCapabilities } from "./capabilities.ts";
import { hostGives, limitsAndPriorities } from "./limits-and-priorities.ts";
import { planMemoryPolicy } from "./memory-policy.ts";
import { NOTIFY_SOCKET } from "./notify.ts";
import { planPersonality } from "./personality.ts";
import { lastLimits } from "./rlimits.ts";
import { planSeccomp } from "./seccomp/seccomp.ts";
import { sourceOf } from "./seccomp/source.ts";
import { labelOnExec, warnAboutLabels } from "./security-labels.ts";

/**
 * What becomes of supplementary groups: those of config.json are set; they can't be, and are refused; the caller's are kept
 * and those of config.json left out, as an annotation asks for it.
 */
export type GroupRule = "set" | "denied" | "kept";

/** crun's, by which Podman passes on `--group-add keep-groups`: crun looks for its presence alone. */
const KEEP_GROUPS = "run.oci.keep_original_groups";

/** The rule for a container with these annotations, where setgroups(2) may be denied. */
export function groupRule(annotations: Spec["annotations"], denied: boolean): GroupRule {
  if (annotations !== undefined && KEEP_GROUPS in annotations) return "kept";
  return denied ? "denied" : "set";
}

export interface ProcessContext {
  readonly process: Process;
  /** JSON Pointer of the process: "/process", "" for a file that holds nothing else. */
  readonly base: string;
  readonly exact: (pointer: string) => bigint | undefined;
  readonly facts: Facts;
  /** Of the container: what its processes have in common. */
  readonly linux: Pick<Linux, "seccomp" | "personality" | "memoryPolicy">;
  readonly annotations: Spec["annotations"];
  /** The machine's name (src/kernel/seccomp.ts). */
  readonly arch: string;
  /** The process gets all capabilities there are, in a user namespace of its own. */
  readonly userNamespace: boolean;
  readonly groups: GroupRule;
  readonly preserveFds: number;
  readonly listenFds: number;
  /** Readiness is told through the runtime. */
  readonly notify: boolean;
  /** What the specification leaves as it is when config.json has no umask. */
  readonly umask: number;
}

const DEFAULT_USER: User = { uid: 0, gid: 0 };
const SYS_ADMIN = capabilityMask("CAP_SYS_ADMIN");
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export function userOf(process: Process): User {
  return process.user ?? DEFAULT_USER;
}

/** The environment of the program. Of duplicates the last one wins, in the place of the first (as runc does). */
export function environment(
  process: Process,
  { listenFds, notify }: Pick<ProcessContext, "listenFds" | "notify">,
): { env: string[]; addHome: boolean } {
  const byName = new Map<string, string>();
  for (const entry of process.env ?? []) byName.set(entry.slice(0, entry.indexOf("=")), entry);
  if (listenFds > 0) {
    byName.set("LISTEN_FDS", `LISTEN_FDS=${listenFds}`);
    byName.set("LISTEN_PID", "LISTEN_PID=1");
  }
  if (notify) byName.set("NOTIFY_SOCKET", `NOTIFY_SOCKET=${NOTIFY_SOCKET}`);
  return { env: [...byName.values()], addHome: !byName.has("HOME") };
}

function searchPath(env: readonly string[]): string {
  return env.find((entry) => entry.startsWith("PATH="))?.slice("PATH=".length) ?? DEFAULT_PATH;
}

/** The warnings, and the two parts of init: before and after it waits for `start`. */
export interface ProcessPlan {
  readonly warnings: readonly Operation[];
  readonly prepare: readonly Operation[];
  readonly execute: readonly Operation[];
}

export function planProcess(context: ProcessContext): ProcessPlan {
  const { process, base, linux, facts } = context;
  const available = context.userNamespace ? (1n << 64n) - 1n : BigInt(`0x${facts.host.bounding}`);
  const granted = grantCapabilities(process.capabilities, base, available);
  const user = userOf(process);
  const seccomp = planSeccomp(sourceOf(context), context.arch, context.exact);
  const { env, addHome } = environment(process, context);
  const privileged = process.noNewPrivileges !== true && seccomp.length > 0;
  const meanwhile = privileged ? holding(granted.sets) : granted.sets;
  return {
    warnings: [...warnAboutLabels(process, base, facts), ...granted.warnings],
    prepare: [
      ...(process.terminal === true
        ? [{ op: "use_terminal", from: `${base}/terminal` } as const]
        : [{ op: "own_stdio", from: `${base}/user/uid`, uid: user.uid } as const]),
      { op: "umask", from: `${base}/user/umask`, mask: user.umask ?? context.umask },
      { op: "working_directory", from: `${base}/cwd`, path: process.cwd, flags: ["create", "later"] },
      // All of these before the capabilities go that some of them take.
      ...(hostGives(context.userNamespace) ? [] : limitsAndPriorities(process, base, context.exact)),
      ...planMemoryPolicy(linux),
      ...planPersonality(linux),
      ...labelOnExec(process, base, facts),
      { op: "bounding", from: `${base}/capabilities/bounding`, mask: granted.sets.bounding },
      credentials(context, user),
      capabilities(base, meanwhile),
      { op: "working_directory", from: `${base}/cwd`, path: process.cwd, flags: [] },
      ...(process.noNewPrivileges === true
        ? [{ op: "no_new_privileges", from: `${base}/noNewPrivileges` } as const]
        : []),
      {
        op: "find_program",
        from: `${base}/args/0`,
        file: process.args[0] ?? "",
        path: searchPath(env),
        uid: user.uid,
        flags: addHome ? ["add_home"] : [],
      },
    ],
    execute: [
      ...lastLimits(process, base, context.exact),
      // As late as it can be: a filter need not allow what init does.
      ...seccomp,
      ...(meanwhile === granted.sets ? [] : [capabilities(base, granted.sets)]),
      {
        op: "exec",
        from: `${base}/args`,
        args: process.args,
        env,
        preserve: context.preserveFds,
      },
    ],
  };
}

function credentials({ base, groups: rule }: ProcessContext, user: User): Operation {
  const groups = rule === "kept" ? [] : (user.additionalGids ?? []);
  if (rule === "denied" && groups.length > 0) {
    throw new TsociError("host", "supplementary groups can't be set in a user namespace without newgidmap", {
      pointer: `${base}/user/additionalGids`,
    });
  }
  return {
    op: "credentials",
    from: `${base}/user`,
    uid: user.uid,
    gid: user.gid,
    groups,
    flags: rule === "set" ? [] : ["keep_groups"],
  };
}

/** Without no_new_privs the loading of a filter takes CAP_SYS_ADMIN (seccomp(2)): init keeps it until that is done. */
function holding(sets: CapabilitySets): CapabilitySets {
  if ((sets.effective & SYS_ADMIN) !== 0n) return sets;
  return { ...sets, effective: sets.effective | SYS_ADMIN, permitted: sets.permitted | SYS_ADMIN };
}

function capabilities(base: string, sets: CapabilitySets): Operation {
  const { effective, permitted, inheritable, ambient } = sets;
  return { op: "capabilities", from: `${base}/capabilities`, effective, permitted, inheritable, ambient };
}
