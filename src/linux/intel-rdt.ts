/**
 * linux.intelRdt (config-linux.md, "IntelRdt"): a class of service is a directory of resctrl (Documentation/filesystems/
 * resctrl.rst), with the lines of `schemata` as its limits and the processes of `tasks` in it.
 */
import { posix } from "node:path";
import { TsociError } from "../base/errors.ts";
import type { Facts } from "../facts/facts.ts";
import { slot, text } from "../plan/arguments.ts";
import type { Operation } from "../plan/operations.ts";
import type { IntelRdt } from "../spec/generated/config.ts";

const from = "/linux/intelRdt";

export interface IntelRdtPlan {
  /** The directory of the class; null where intelRdt is not asked for. */
  readonly path: string | null;
  /** host: before there is a process. */
  readonly create: readonly Operation[];
  /** host: puts the slot `pid` into the class, before it has children. */
  readonly join: readonly Operation[];
  /** Removes what belongs to this container alone. */
  readonly undo: readonly Operation[];
}

const NOTHING: IntelRdtPlan = { path: null, create: [], join: [], undo: [] };

/** Throws TsociError where the host has no resctrl, or a class that is not as asked for. */
export function planIntelRdt(id: string, intelRdt: IntelRdt | undefined, facts: Facts): IntelRdtPlan {
  if (intelRdt === undefined) return NOTHING;
  const root = findResctrl(facts);
  const { closID, enableMonitoring } = intelRdt;
  const path = closID === "/" ? root : posix.join(root, checkName(closID ?? id));
  const monitored = posix.join(path, "mon_groups", id);
  return {
    path,
    create: [
      ...makeClass(path, intelRdt, facts),
      ...(enableMonitoring === true ? [makeGroup(monitored, `${from}/enableMonitoring`)] : []),
    ],
    join: [...joinClass(path), ...(enableMonitoring === true ? [enter(monitored, `${from}/enableMonitoring`)] : [])],
    undo: [
      ...(enableMonitoring === true ? [removeGroup(monitored)] : []),
      // A class with a name of its own may be somebody else's.
      ...(closID === undefined ? [removeGroup(path)] : []),
    ],
  };
}

/** host: a process of `exec` belongs into the class, too. */
export function joinClass(path: string): Operation[] {
  return [enter(path, from)];
}

/** Where resctrl is mounted. */
function findResctrl({ files }: Facts): string {
  for (const line of (files.read("/proc/self/mountinfo") ?? "").split("\n")) {
    const [left = "", right = ""] = line.split(" - ");
    if (right.startsWith("resctrl ")) return left.split(" ")[4] ?? "";
  }
  throw new TsociError("host", "no resctrl filesystem is mounted on this host", { pointer: from });
}

function checkName(name: string): string {
  if (name !== "." && name !== ".." && !name.includes("/")) return name;
  throw new TsociError("config", `${JSON.stringify(name)} is not a name of a class of service`, {
    pointer: `${from}/closID`,
  });
}

/** The lines of `schemata`, in the order that config-linux.md asks for, each with its entry. */
function linesOf({ l3CacheSchema, memBwSchema, schemata = [] }: IntelRdt): { line: string; entry: string }[] {
  return [
    ...(l3CacheSchema === undefined ? [] : [{ line: l3CacheSchema, entry: `${from}/l3CacheSchema` }]),
    ...(memBwSchema === undefined ? [] : [{ line: memBwSchema, entry: `${from}/memBwSchema` }]),
    ...schemata.map((line, index) => ({ line, entry: `${from}/schemata/${index}` })),
  ];
}

function makeClass(path: string, intelRdt: IntelRdt, { files }: Facts): Operation[] {
  const { closID } = intelRdt;
  const lines = linesOf(intelRdt);
  const write = lines.map(({ line, entry }): Operation => {
    return { op: "write", from: entry, path: `${path}/schemata`, data: `${line}\n`, mode: 0, flags: [] };
  });
  const existing = files.exists(path);
  if (closID === undefined) {
    // It would be taken away with the container.
    if (existing) throw new TsociError("host", `${path} is somebody else's class of service`, { pointer: from });
    return [makeGroup(path, from), ...write];
  }
  if (lines.length === 0 && !existing) {
    throw new TsociError("host", `there is no class of service ${closID} in resctrl, and no schema to make it with`, {
      pointer: `${from}/closID`,
    });
  }
  if (!existing) return [makeGroup(path, `${from}/closID`), ...write];
  const present = schemaValues(files.read(`${path}/schemata`) ?? "");
  for (const { line, entry } of lines) {
    for (const [resource, value] of schemaValues(line)) {
      if (present.get(resource) === value) continue;
      throw new TsociError("host", `the class of service ${closID} exists with another schema`, { pointer: entry });
    }
  }
  return [];
}

/** "L3:0=ff;1=0f" → "L3:0": "ff" …; the kernel pads names and numbers. */
function schemaValues(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [resource = "", domains = ""] = line.split(":");
    for (const domain of domains.split(";")) {
      const [number = "", value = ""] = domain.split("=").map((part) => part.trim());
      if (number !== "")
        values.set(`${resource.trim()}:${Number(number)}`, value.toLowerCase().replace(/^0+(?=.)/, ""));
    }
  }
  return values;
}

function makeGroup(path: string, entry: string): Operation {
  return { op: "mkdir", from: entry, path, mode: 0o755, flags: [] };
}

function removeGroup(path: string): Operation {
  return { op: "remove", from, path, flags: ["directory"] };
}

function enter(path: string, entry: string): Operation {
  return { op: "write", from: entry, path: `${path}/tasks`, data: text`${slot("pid")}`, mode: 0, flags: [] };
}
