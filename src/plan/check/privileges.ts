/** What init may do when: nothing of the host after its root has been entered, nothing privileged as the user. */
import { capabilityMask } from "../../kernel/capabilities.ts";
import type { OperationName } from "../operations.ts";
import type { Plan } from "../plan.ts";
import { type Check, find, isOneOf, type Step, stepsOf } from "./walk.ts";

const SYS_ADMIN = capabilityMask("CAP_SYS_ADMIN");

/** All that is done as the user of the container. */
const AS_USER: readonly OperationName[] = [
  "capabilities",
  "working_directory",
  "no_new_privileges",
  "find_program",
  "wake",
  "wait",
  "await_start",
  "hook",
  "rlimit",
  "seccomp",
  "exec",
];

/** What names a path of the host, or changes what is mounted. */
const BEFORE_ROOT: readonly OperationName[] = [
  "tree",
  "take",
  "attributes",
  "rootfs",
  "attach",
  "mount",
  "open_mount",
  "make_directory",
  "symlink",
  "node",
  "bind_node",
  "mask",
  "readonly",
  "readonly_root",
  "setns",
];

export const privilegesAreDropped: Check = (plan) => {
  const init = stepsOf(plan, "init");
  const dropped = find(init, "credentials");
  if (dropped < 0) return [];
  return init
    .slice(dropped + 1)
    .filter((step) => !isOneOf(AS_USER, step))
    .map(({ at }) => `${at}: comes after init has become the user`);
};

export const hostIsLeft: Check = (plan) => {
  const init = stepsOf(plan, "init");
  const root = find(init, "rootfs");
  const entered = find(init, "enter_root");
  if (root < 0) return [];
  if (entered < 0) return ["init: has a root filesystem and never enters it"];
  return init
    .slice(entered)
    .filter((step) => isOneOf(BEFORE_ROOT, step))
    .map(({ at }) => `${at}: comes after enter_root`);
};

/** Before the first of the one kind an operation of the other must have been carried out. */
const PRECEDED_BY: readonly (readonly [OperationName, OperationName])[] = [
  // Later mounts can cover /proc.
  ["rootfs", "procfs"],
  ["mount", "procfs"],
  ["write_proc", "procfs"],
  ["use_terminal", "terminal"],
  // With the capabilities of the runtime, which the user does not have.
  ["credentials", "bounding"],
  ["capabilities", "credentials"],
  ["find_program", "credentials"],
  ["exec", "capabilities"],
  ["exec", "find_program"],
];

export const initIsInOrder: Check = (plan) => {
  const init = stepsOf(plan, "init");
  const problems = PRECEDED_BY.flatMap(([later, earlier]) => {
    const step = init[find(init, later)];
    return step && !has(init, step.index, earlier) ? [`${step.at}: no ${earlier} comes before it`] : [];
  });
  return [...problems, ...seccompIsAllowed(init), ...isHidden(plan, init)];
};

function has(steps: readonly Step[], end: number, name: OperationName): boolean {
  const found = find(steps, name);
  return found >= 0 && found < end;
}

/** Without no_new_privs a filter takes CAP_SYS_ADMIN (seccomp(2)), which goes with the user. */
function seccompIsAllowed(init: readonly Step[]): string[] {
  const step = init[find(init, "seccomp")];
  if (!step || !has(init, step.index, "credentials") || has(init, step.index, "no_new_privileges")) return [];
  const sets = init
    .slice(0, step.index)
    .flatMap(({ operation }) => (operation.op === "capabilities" ? [operation] : []));
  const effective = BigInt(sets.at(-1)?.effective ?? 0);
  return (effective & SYS_ADMIN) !== 0n
    ? []
    : [`${step.at}: as the user it takes no_new_privileges or CAP_SYS_ADMIN before it`];
}

/** Where init waits for anything, processes in the namespaces that it joined must not look into it (CVE-2016-9962). */
function isHidden(plan: Plan, init: readonly Step[]): string[] {
  const inherited = hides(stepsOf(plan, "stage"));
  const wait = init[find(init, "wait", "hook", "await_start")];
  if (!wait || inherited || hides(init.slice(0, wait.index))) return [];
  return [`${wait.at}: comes before init is undumpable`];
}

function hides(steps: readonly Step[]): boolean {
  return steps.some(({ operation }) => operation.op === "dumpable" && Number(operation.value) === 0);
}
