/** What the planners of single controllers share: where limits are written, and how they are refused. */
import { TsociError } from "../../base/errors.ts";
import type { CgroupFiles } from "../../facts/facts.ts";
import type { Operation } from "../../plan/operations.ts";
import type { Resources } from "../../spec/generated/config.ts";
import type { CgroupRequest } from "./cgroup-plan.ts";
import type { Place } from "./place.ts";

export interface Limits {
  readonly version: 1 | 2;
  readonly resources: Resources;
  readonly request: CgroupRequest;
  readonly files: CgroupFiles;
  /** The container's place in the hierarchy of a controller. Throws TsociError "host" that names `from` when there is none. */
  place(controller: string, from: string): Place;
  has(controller: string): boolean;
}

/** From one part of linux.resources to operations; in the order in which the kernel accepts them. */
export type ControllerPlanner = (limits: Limits) => readonly Operation[];

/** What part of linux.resources a planner reads: it is only called where there is one. */
export type ControllerTable = readonly (readonly [part: keyof Resources, plan: ControllerPlanner])[];

/** All limits, in the order of the table. */
export function planLimits(limits: Limits, table: ControllerTable): Operation[] {
  const operations: Operation[] = [];
  for (const [part, plan] of table) if (limits.resources[part] !== undefined) operations.push(...plan(limits));
  return operations;
}

type WriteFlags = Extract<Operation, { op: "write" }>["flags"];

/** One limit: writes data to a file of the container's cgroup. */
export function limit(
  limits: Limits,
  [controller, file]: readonly [controller: string, file: string],
  data: string | number | bigint,
  from: string,
  flags: WriteFlags = [],
): Operation {
  const path = `${limits.place(controller, from).directory}/${file}`;
  return { op: "write", from, path, data: String(data), mode: 0, flags };
}

/** The integer at a pointer, exact beyond 2^53 too. */
export function integer(limits: Limits, from: string, value: number): bigint {
  return limits.request.exact?.(from) ?? BigInt(value);
}

/** Like `integer`, and undefined for 0, which runc and its callers take for "not set" wherever 0 can't be a limit. */
export function nonzero(limits: Limits, from: string, value: number | undefined): bigint | undefined {
  return value ? integer(limits, from, value) : undefined;
}

/** The number that a file of the container's cgroup holds; undefined for a new cgroup, and for what is no number. */
export function current(
  limits: Limits,
  [controller, file]: readonly [string, string],
  from: string,
): bigint | undefined {
  const place = limits.place(controller, from);
  const text = place.existed ? limits.files.read(`${place.directory}/${file}`)?.trim() : undefined;
  return text !== undefined && /^-?\d+$/.test(text) ? BigInt(text) : undefined;
}

/** How v2 spells -1. */
export function orMax(value: bigint): string {
  return value < 0n ? "max" : value.toString();
}

/** config.json is right, but this host has no place for the value. */
export function cannot(from: string, message: string): TsociError {
  return new TsociError("host", message, { pointer: from });
}

/** config.json contradicts itself. */
export function wrong(from: string, message: string): TsociError {
  return new TsociError("config", message, { pointer: from });
}
