/** The entries of `mounts`, read: where each belongs, and what its options mean. */
import { posix } from "node:path";
import { pointer } from "../base/pointer.ts";
import { type MountOptions, parseMountOptions } from "../kernel/mount-options.ts";
import type { Mount, Spec } from "../spec/generated/config.ts";
import type { Context } from "./context.ts";

export interface MountEntry {
  readonly mount: Mount;
  readonly from: string;
  /** Absolute, without "." and "..": relative destinations count from "/" (config.md, "Mounts"). */
  readonly target: string;
  readonly options: MountOptions;
}

/** Mounts by a type of their own, without the word "bind" in the options. */
export function isBind({ mount, options }: MountEntry): boolean {
  return options.bind !== undefined || mount.type === "bind" || mount.type === "rbind";
}

export function mountTarget(destination: string): string {
  return posix.resolve("/", destination);
}

/** Several planners ask about the mounts of one configuration; its options are parsed once. */
const parsed = new WeakMap<Spec, readonly MountEntry[]>();

export function entries({ spec }: Pick<Context, "spec">): readonly MountEntry[] {
  const known = parsed.get(spec);
  if (known) return known;
  const result = (spec.mounts ?? []).map((mount, index) => ({
    mount,
    from: pointer("/mounts", index),
    target: mountTarget(mount.destination),
    options: parseMountOptions(mount.options ?? []),
  }));
  parsed.set(spec, result);
  return result;
}

const filled = new WeakMap<Spec, ReadonlySet<string>>();

/** The directories that mounts and devices are made in or below. */
export function filledDirectories(context: Pick<Context, "spec">): ReadonlySet<string> {
  const known = filled.get(context.spec);
  if (known) return known;
  const result = new Set<string>();
  const devices = (context.spec.linux?.devices ?? []).map(({ path }) => mountTarget(path));
  for (const path of [...entries(context).map(({ target }) => target), ...devices]) {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) result.add(path.slice(0, end));
  }
  filled.set(context.spec, result);
  return result;
}

/** Whether an entry brings the host's own /dev: then nothing is made in it. */
export function bindsDev(context: Pick<Context, "spec">): boolean {
  return entries(context).some((entry) => entry.target === "/dev" && isBind(entry));
}

/** Whether anything is mounted there. */
export function isMounted(context: Pick<Context, "spec">, target: string): boolean {
  return entries(context).some((entry) => entry.target === target);
}
