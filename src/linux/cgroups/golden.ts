/** For the tests: plans on recorded hosts, and operations as one line each. */
import { type FixtureName, recordedFacts } from "../../facts/recorded.ts";
import type { Text } from "../../plan/arguments.ts";
import type { Operation } from "../../plan/operations.ts";
import type { Resources } from "../../spec/generated/config.ts";
import type { CgroupPlan, CgroupRequest } from "./cgroup-plan.ts";
import { planCgroups } from "./cgroups.ts";
import { rootlessCgroups } from "./place.ts";

export interface Case extends Partial<CgroupRequest> {
  /** More files of the host: path → text. */
  readonly more?: Readonly<Record<string, string | null>>;
}

/** Plans the container "demo" on a recorded host, in /pod/demo. */
export function planOn(name: FixtureName, { more = {}, ...request }: Case = {}): CgroupPlan {
  const { host, files } = recordedFacts(name, more);
  return planCgroups({
    id: "demo",
    cgroupsPath: "/pod/demo",
    host,
    files,
    rootless: rootlessCgroups(host),
    ...request,
  });
}

/** The limits alone: "memory/limit: memory.max = 10". Optional writes end in "?". */
export function limitsOn(name: FixtureName, resources: Resources, more: Case["more"] = {}): string[] {
  const operations = planOn(name, { resources, more }).create;
  return operations
    .filter(({ from }) => from.startsWith("/linux/resources/") && !from.includes("/devices"))
    .map(limitLine);
}

export function limitLine(operation: Operation): string {
  const from = operation.from.replace("/linux/resources/", "");
  if (operation.op === "warn") return `${from}: warning`;
  if (operation.op !== "write") return `${from}: ${operation.op}`;
  const file = show(operation.path).replace(/^.*\//, "");
  return `${from}: ${file} = ${show(operation.data)}${operation.flags.includes("optional") ? " ?" : ""}`;
}

/** "cgroup mount=/sys/fs/cgroup path=/pod/demo controllers= flags=empty", without the reason. */
export function line({ op, from: _, ...args }: Operation): string {
  const shown = Object.entries(args).map(([name, value]) => `${name}=${show(value)}`);
  return [op, ...shown].join(" ");
}

function show(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length / 8} instructions`;
  return Array.isArray(value) ? value.map((piece: Text) => piecesOf(piece)).join(",") : String(value);
}

function piecesOf(piece: Text | { readonly slot: string }): string {
  return typeof piece === "object" && "slot" in piece ? `{${piece.slot}}` : String(piece);
}
