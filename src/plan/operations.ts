/**
 * The vocabulary of plans: everything that tsoci can do to a machine, one entry per operation; this file is the table of
 * contents. The executor's header (src/executor/generated/operations.h) and the plan's JSON Schema are generated from it.
 *
 * "In the container" means: resolved below the slot `rootfs`, symbolic links included, never followed out of it, never
 * through a magic link. definition.ts says what stands in an entry.
 */
import type { ArgumentKind, Text, ValueOf } from "./arguments.ts";
import type { SlotUse } from "./definition.ts";
import { cgroupOperations } from "./operations/cgroups.ts";
import { containerOperations } from "./operations/container.ts";
import { fileOperations } from "./operations/files.ts";
import { mountOperations } from "./operations/mounts.ts";
import { networkOperations } from "./operations/network.ts";
import { pathOperations } from "./operations/paths.ts";
import { selfOperations } from "./operations/process.ts";
import { processOperations } from "./operations/processes.ts";
import { schedulingOperations } from "./operations/scheduling.ts";
import type { Section } from "./sections.ts";

export const operations = {
  ...fileOperations,
  ...processOperations,
  ...containerOperations,
  ...cgroupOperations,
  ...mountOperations,
  ...pathOperations,
  ...selfOperations,
  ...schedulingOperations,
  ...networkOperations,
} as const;

export type OperationName = keyof typeof operations;
export type OperationArguments<N extends OperationName> = {
  readonly [K in keyof (typeof operations)[N]["args"]]: ValueOf<(typeof operations)[N]["args"][K]>;
};

/** One step of a plan: what to do, its arguments, and `from`: the JSON Pointer, flag or rule that asked for it. */
export type Operation = {
  readonly [N in OperationName]: { readonly op: N; readonly from: string } & OperationArguments<N>;
}[OperationName];

/** The type of a definition when the entry is not known: for printers and encoders that treat all alike. */
export interface OperationDefinition {
  readonly about: string;
  readonly places: readonly Section[];
  readonly args: Readonly<Record<string, ArgumentKind<unknown>>>;
  readonly slots?: (a: Operation, section: Section) => SlotUse;
  readonly says: (a: Operation) => string;
  readonly shell: (a: Operation) => string;
}

export const definitions = operations as unknown as Readonly<Record<OperationName, OperationDefinition>>;
export { SECTIONS, type Section, STATUS, STEPS, type Step } from "./sections.ts";
export type { Text };
