/** `tsoci update`: other limits for a container. */
import { resolve } from "node:path";
import { TsociError } from "../base/errors.ts";
import { type ExactJson, exactJson } from "../base/exact-json.ts";
import { probeFacts } from "../facts/host.ts";
import { notYet } from "../linux/not-yet.ts";
import { planUpdate } from "../linux/update.ts";
import type { Operation } from "../plan/operations.ts";
import type { Plan } from "../plan/plan.ts";
import type { Spec } from "../spec/generated/config.ts";
import { type LoadedResources, loadResources, loadSpec } from "../spec/load.ts";
import { readText, STANDARD_INPUT } from "../spec/read-json.ts";
import { findContainer } from "../state/containers.ts";
import type { RequestOf } from "./declaration.ts";
import type { Camel } from "./flags.ts";
import type { Surroundings } from "./main.ts";
import { UPDATE_ENTRIES } from "./update-flags.ts";

type UpdateRequest = RequestOf<"update">;
type UpdateValues = UpdateRequest["flags"];

export function update({ args, flags }: UpdateRequest, { root }: Surroundings): Plan {
  const { status, recorded, files } = findContainer(root, args.id);
  if (status === "stopped") throw new TsociError("state", "container not running");
  const config = loadSpec(files.config);
  const change = flags.resources === undefined ? fromFlags(flags, config.spec) : fromFile(flags.resources);
  const plan = withoutPosition(() =>
    planUpdate({
      id: args.id,
      config,
      file: files.config,
      paths: recorded.cgroup_paths,
      managed: recorded.tsoci.managed,
      change,
      facts: probeFacts(),
    }),
  );
  return { ...plan, sections: { ...plan.sections, host: [...warnings(flags), ...(plan.sections.host ?? [])] } };
}

/** "-" is standard input: containerd's shim and CRI-O give the limits there. */
function fromFile(name: string): LoadedResources {
  const input = name === "-";
  return loadResources(readText(input ? STANDARD_INPUT : resolve(name)), input ? "standard input" : name);
}

/** As JSON, so that one loader checks both ways to say it. */
function fromFlags(flags: UpdateValues, spec: Spec): LoadedResources {
  refuseCacheSchemas(flags, spec);
  const resources: Record<string, Record<string, ExactJson>> = {};
  for (const [flag, [part, property]] of Object.entries(UPDATE_ENTRIES)) {
    const value = flags[flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()) as Camel<EntryFlag>];
    if (value === undefined) continue;
    resources[part] = { ...resources[part], [property]: flag === "cpu-idle" ? Number(value) : value };
  }
  return withoutPosition(() => loadResources(exactJson(resources), "flags"));
}

type EntryFlag = keyof typeof UPDATE_ENTRIES;

/** Limits that came as flags, and limits that were merged, stand in no file. */
function withoutPosition<T>(load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof TsociError)) throw error;
    const message = error.message.replace(/ \((?:flags|config\.json):\d+:\d+\)$/, "");
    throw new TsociError(error.code, message, {
      ...(error.pointer === undefined ? {} : { pointer: error.pointer }),
      cause: error,
    });
  }
}

function refuseCacheSchemas(flags: UpdateValues, { linux }: Spec): void {
  for (const [name, value] of [
    ["--l3-cache-schema", flags.l3CacheSchema],
    ["--mem-bw-schema", flags.memBwSchema],
  ]) {
    if (value === undefined) continue;
    if (linux?.intelRdt !== undefined) throw notYet("/linux/intelRdt", `${name} of update`);
    const message = `${name} needs a container that was created with Intel RDT`;
    throw new TsociError("config", message, { pointer: "/linux/intelRdt" });
  }
}

function warnings({ resources, kernelMemory, kernelMemoryTcp }: UpdateValues): Operation[] {
  if (resources !== undefined || (kernelMemory ?? kernelMemoryTcp) === undefined) return [];
  const message = "limits of kernel memory are ignored: kernels since 5.16 have none";
  return [{ op: "warn", from: "--kernel-memory", message }];
}
