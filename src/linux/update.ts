/** `tsoci update`: the plan that gives a container new limits, and records them. */
import { exactJson } from "../base/exact-json.ts";
import type { Facts } from "../facts/facts.ts";
import type { Plan } from "../plan/plan.ts";
import type { Resources } from "../spec/generated/config.ts";
import { type LoadedSpec, parseSpec } from "../spec/load.ts";
import { exactTree, mergeResources, type Tree } from "./cgroups/merge.ts";
import type { ManagedUnit } from "./cgroups/systemd/unit.ts";
import { planCgroupUpdate } from "./cgroups/update.ts";

export interface UpdateContext {
  readonly id: string;
  /** The container's configuration as it is recorded, and the file that holds it. */
  readonly config: Pick<LoadedSpec, "spec" | "exact">;
  readonly file: string;
  /** CgroupPlan.paths, as recorded at create. */
  readonly paths: Readonly<Record<string, string>>;
  readonly managed: ManagedUnit | undefined;
  /** What changes; pointers of `exact` start at its root. */
  readonly change: { readonly resources: Resources; exact(pointer: string): bigint | undefined };
  readonly facts: Facts;
}

/**
 * The limits are written with the values that stay (a quota with its period, swap with the limit of memory), then the
 * container's record of its configuration is replaced: later commands start from what holds now. When anything fails,
 * what was written is taken back. Throws TsociError for limits that contradict each other, or that the host can't have.
 */
export function planUpdate({ id, config, file, paths, managed, change, facts }: UpdateContext): Plan {
  const named = Object.keys(change.resources).filter((part) => part !== "devices");
  if (named.length === 0) return { failure: "", failureStatus: 1, sections: { host: [] } };
  const text = merged(config, change);
  const { spec, exact } = parseSpec(text, "config.json");
  const parts = Object.entries(spec.linux?.resources ?? {}).filter(([part]) => named.includes(part));
  const { write, undo } = planCgroupUpdate({
    id,
    paths,
    managed,
    resources: Object.fromEntries(parts),
    exact,
    ...facts,
  });
  return {
    failure: "",
    failureStatus: 1,
    sections: {
      host: [
        { op: "on_failure", from: "update", sections: ["undo"] },
        ...write,
        { op: "write", from: "state", path: file, data: text, mode: 0o600, flags: ["create", "replace"] },
      ],
      undo,
    },
  };
}

/** The text of the configuration with the new limits. */
function merged({ spec, exact }: UpdateContext["config"], { resources, exact: exactChange }: UpdateContext["change"]) {
  const before = exactTree(spec, exact) as Tree;
  const linux = (before.linux ?? {}) as Tree;
  const limits = mergeResources((linux.resources ?? {}) as Tree, exactTree(resources, exactChange) as Tree);
  return exactJson({ ...before, linux: { ...linux, resources: limits } });
}
