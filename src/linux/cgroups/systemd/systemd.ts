/**
 * The systemd driver: the container's cgroup is that of a transient scope, which systemd makes, with init in it, and
 * hands over (Delegate=). What it can't limit, and what it would round, is written to the files of the cgroup as without
 * it. https://systemd.io/CGROUP_DELEGATION, https://systemd.io/CONTROL_GROUP_INTERFACE
 */
import { slot, text } from "../../../plan/arguments.ts";
import type { Operation } from "../../../plan/operations.ts";
import type { CgroupPlan, CgroupRequest } from "../cgroup-plan.ts";
import { planV2 } from "../v2.ts";
import { deviceProperties } from "./devices.ts";
import { callManager, findManager, propertyWords, systemctl } from "./manager.ts";
import { annotatedProperties, limitProperties, type Properties, scopeProperties } from "./properties.ts";
import { scopeOf } from "./scope-name.ts";
import type { ManagedUnit, Manager, SystemdRequest, Unit } from "./unit.ts";

/**
 * Throws TsociError, beside what planV2 throws: "host" where no systemd manages cgroup v2, "config" for a cgroupsPath of
 * another form and for wrong properties.
 */
export function planSystemd(request: CgroupRequest, { annotations, session }: SystemdRequest): CgroupPlan {
  const { files, id, cgroupsPath } = request;
  const manager = findManager({ ...request, session });
  const from = cgroupsPath ? "/linux/cgroupsPath" : "--systemd-cgroup";
  const unit = scopeOf(cgroupsPath, id, manager.defaultSlice);
  const below = planV2({ ...request, cgroupsPath: manager.cgroup + unit.path });
  const properties = new Map([
    ...scopeProperties(id, unit.slice),
    // The manager of an ordinary user can't load programs for devices.
    ...(request.rootless ? [] : deviceProperties(request.resources?.devices)),
    ...limitProperties(below.create),
    ...annotatedProperties(annotations),
  ]);
  const stays = files.exists(`${manager.transient}/${unit.name}`);
  return {
    ...below,
    create: [],
    join: [
      // A unit that failed is kept, and would stand in the way.
      ...(stays ? [systemctl(manager, ["reset-failed", unit.name], from, ["optional"])] : []),
      startScope(manager, unit, properties, from),
      // The start was only queued; this one joins it and waits.
      systemctl(manager, ["start", unit.name], from, []),
      ...below.create.map((operation) => inScope(operation, from)),
    ],
    undo: below.undo.flatMap((operation) => undoScope(operation, { unit, manager }, from)),
    managed: { unit, manager: withoutPlace(manager) },
  };
}

function withoutPlace({ scope, busctl, systemctl: program, env }: Manager): Manager {
  return { scope, busctl, systemctl: program, env };
}

function startScope(manager: Manager, unit: Unit, properties: Properties, from: string): Operation {
  const init = ["PIDs", "au", "1", text`${slot("pid")}`] as const;
  const words = propertyWords(properties, [init]);
  const call = ["StartTransientUnit", "ssa(sv)a(sa(sv))", unit.name, "fail", ...words, "0"] as const;
  return callManager(manager, call, from, ["unit"]);
}

/** The cgroup is there by now, and init in it. */
function inScope(operation: Operation, from: string): Operation {
  if (operation.op !== "cgroup") return operation;
  return { ...operation, from, flags: operation.flags.filter((flag) => flag !== "empty") };
}

/** After the last process was killed; slices are systemd's to remove. */
function undoScope(operation: Operation, { unit, manager }: ManagedUnit, from: string): Operation[] {
  if (operation.op === "rmdir_cgroup") return [{ ...operation, from, parents: 0 }];
  if (operation.op !== "kill_cgroup") return [operation];
  return [
    { ...operation, from },
    systemctl(manager, ["stop", unit.name], from, ["optional", "unit"]),
    systemctl(manager, ["reset-failed", unit.name], from, ["optional", "unit"]),
  ];
}

/** `update`: tells systemd what the writes mean; nothing where they mean nothing to it. */
export function setLimits(
  { unit, manager }: ManagedUnit,
  writes: readonly Operation[],
  optional: boolean,
): Operation[] {
  const properties = limitProperties(writes);
  if (properties.size === 0) return [];
  const call = ["SetUnitProperties", "sba(sv)", unit.name, "true", ...propertyWords(properties)] as const;
  return [callManager(manager, call, "update", optional ? ["optional"] : [])];
}

/** `exec`: systemd moves the slot `pid` into the unit's cgroup, or into one below it. */
export function attachToUnit({ unit, manager }: ManagedUnit, below: string, from: string): Operation {
  const words = [unit.name, below, "1", text`${slot("pid")}`] as const;
  return callManager(manager, ["AttachProcessesToUnit", "ssau", ...words], from, []);
}
