/** hooks (config.md, "POSIX-platform Hooks"; runtime.md, "Lifecycle"). */
import { pointer } from "../base/pointer.ts";
import { slot, type Text } from "../plan/arguments.ts";
import type { Operation } from "../plan/operations.ts";
import type { Hooks } from "../spec/generated/config.ts";
import { containerState } from "./container-state.ts";
import type { Context } from "./context.ts";

type HookName = keyof Hooks;

/**
 * The status that hooks see: steps 3 to 5 of the lifecycle come after the container has been created; hooks of `start`
 * come before the program runs.
 */
const STATUS: Readonly<Record<HookName, string>> = {
  prestart: "created",
  createRuntime: "created",
  createContainer: "created",
  startContainer: "created",
  poststart: "running",
  poststop: "stopped",
};

/** Hooks that run in the container's namespaces see its pid as the container does. */
const IN_CONTAINER: ReadonlySet<HookName> = new Set(["createContainer", "startContainer"]);

function state({ spec, request }: Context, name: HookName): Text {
  const pid = name === "poststop" ? 0 : slot(IN_CONTAINER.has(name) ? "own_pid" : "pid");
  return containerState({ ...request, annotations: spec.annotations }, STATUS[name], pid);
}

/** The hooks of one kind, in the listed order. */
export function planHooks(context: Context, name: HookName): Operation[] {
  const stdin = state(context, name);
  const { spec } = context;
  return (spec.hooks?.[name] ?? []).map((hook, index) => {
    // config.md leaves open what an absent env means: as runc does, the runtime's own, and for hooks of the container
    // the container's.
    const env = hook.env ?? (name === "startContainer" ? (spec.process?.env ?? []) : []);
    const inherit = hook.env === undefined && name !== "startContainer";
    return {
      op: "hook",
      from: pointer("/hooks", name, index),
      name: `hooks.${name}[${index}]`,
      path: hook.path,
      args: hook.args ?? [],
      env,
      timeout: hook.timeout ?? 0,
      stdin,
      flags: [...(inherit ? (["inherit_env"] as const) : []), ...(name === "poststop" ? (["warn"] as const) : [])],
    };
  });
}

export function hasHooks({ spec }: Pick<Context, "spec">, ...names: readonly HookName[]): boolean {
  return names.some((name) => (spec.hooks?.[name] ?? []).length > 0);
}
