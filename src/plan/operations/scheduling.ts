/** How the kernel runs a process: when, on which processors, with memory of which nodes, as which kind of system. */
import {
  IO_CLASSES,
  MEMORY_POLICY_FLAGS,
  MEMORY_POLICY_MODES,
  PERSONALITIES,
  SCHEDULER_FLAGS,
  SCHEDULER_POLICIES,
} from "../../kernel/scheduling.ts";
import { bytes, flags, integer, number, oneOf } from "../arguments.ts";
import { define } from "../definition.ts";
import type { Section } from "../sections.ts";

/** Another process only from outside. */
const target = (section: Section) => ({ reads: section === "host" ? (["pid"] as const) : [] });

export const schedulingOperations = {
  scheduler: define({
    about: "sched_setattr(2) on the slot `pid` (host) or on itself (init). runtime, deadline, period: nanoseconds.",
    places: ["host", "init"],
    args: {
      policy: oneOf(SCHEDULER_POLICIES),
      nice: integer,
      priority: number,
      flags: flags(SCHEDULER_FLAGS),
      runtime: number,
      deadline: number,
      period: number,
    },
    slots: (_, section) => target(section),
    says: (a) => `set the scheduler to ${a.policy}`,
    shell: (a) => {
      const policy = a.policy.slice("SCHED_".length).toLowerCase();
      const times = a.policy === "SCHED_DEADLINE" ? ` -T ${a.runtime} -D ${a.deadline} -P ${a.period}` : "";
      const reset = a.flags.includes("SCHED_FLAG_RESET_ON_FORK") ? " -R" : "";
      return `chrt --${policy}${reset}${times} -p ${a.priority} $pid${a.nice === 0 ? "" : `; renice -n ${a.nice} -p $pid`}`;
    },
  }),
  io_priority: define({
    about: "ioprio_set(2) on the slot `pid` (host) or on itself (init).",
    places: ["host", "init"],
    args: { class: oneOf(IO_CLASSES), priority: number },
    slots: (_, section) => target(section),
    says: (a) => `set the I/O priority to ${a.class}, ${a.priority}`,
    shell: (a) => `ionice -c ${IO_CLASSES[a.class]} -n ${a.priority} -p $pid`,
  }),
  cpu_affinity: define({
    about:
      "sched_setaffinity(2) on itself: a mask, lowest CPU first; of no bytes: all CPUs that its cpuset allows. optional: failures are ignored.",
    places: ["host", "init"],
    args: { cpus: bytes, flags: flags({ optional: 1 }) },
    says: () => "set the CPU affinity",
    shell: (a) => `taskset -p ${hexadecimal(a.cpus, "ffffffff")} $$${a.flags.includes("optional") ? " || true" : ""}`,
  }),
  memory_policy: define({
    about: "set_mempolicy(2) on itself. nodes: a mask, lowest node first.",
    places: ["init"],
    args: { mode: oneOf(MEMORY_POLICY_MODES), nodes: bytes, flags: flags(MEMORY_POLICY_FLAGS) },
    says: (a) => `set the memory policy ${a.mode}`,
    shell: (a) => `# set_mempolicy(${[a.mode, ...a.flags].join(" | ")}, 0x${hexadecimal(a.nodes, "0")})`,
  }),
  personality: define({
    about: "personality(2) on itself.",
    places: ["init"],
    args: { domain: oneOf(PERSONALITIES) },
    says: (a) => `set the personality ${a.domain}`,
    shell: (a) => `setarch ${a.domain === "LINUX32" ? "linux32" : "linux64"}   # for what follows`,
  }),
};

/** A mask as one number, highest digit first; without leading zeros. */
function hexadecimal(mask: Uint8Array, empty: string): string {
  return mask.length === 0
    ? empty
    : Buffer.from(mask)
        .reverse()
        .toString("hex")
        .replace(/^0+(?=.)/, "");
}
