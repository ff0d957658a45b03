/** What a bundle needs of this host and does not find: read-only looks for `tsoci validate`. */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { pointer } from "../base/pointer.ts";
import { NAMESPACES } from "../kernel/namespaces.ts";
import type { Spec } from "../spec/generated/config.ts";

export interface HostProblem {
  readonly pointer: string;
  readonly message: string;
}

type Check = (spec: Spec, bundle: string) => HostProblem[];

const rootDirectory: Check = ({ root }, bundle) => {
  const path = resolve(bundle, root.path);
  if (!existsSync(path)) return [{ pointer: "/root/path", message: `${path} does not exist` }];
  return statSync(path).isDirectory() ? [] : [{ pointer: "/root/path", message: `${path} is not a directory` }];
};

const bindSources: Check = ({ mounts = [] }, bundle) =>
  mounts.flatMap(({ options = [], source }, index) => {
    if (source === undefined || !options.some((option) => option === "bind" || option === "rbind")) return [];
    const path = resolve(bundle, source);
    return existsSync(path)
      ? []
      : [{ pointer: pointer("/mounts", index, "source"), message: `${path} does not exist` }];
  });

const namespaces: Check = ({ linux }) =>
  (linux?.namespaces ?? []).flatMap(({ type, path }, index) => {
    const { file, since } = NAMESPACES[type];
    if (!existsSync(`/proc/self/ns/${file}`)) {
      const message = `the kernel has no ${type} namespaces (Linux ${since})`;
      return [{ pointer: pointer("/linux/namespaces", index, "type"), message }];
    }
    if (path === undefined || existsSync(path)) return [];
    return [{ pointer: pointer("/linux/namespaces", index, "path"), message: `${path} does not exist` }];
  });

const hookPrograms: Check = ({ hooks = {} }) =>
  Object.entries(hooks).flatMap(([name, list]) => {
    // startContainer hooks are looked up in the container, which nobody looks into from here.
    if (name === "startContainer") return [];
    return (list ?? []).flatMap(({ path }: { path: string }, index: number) =>
      isExecutable(path)
        ? []
        : [{ pointer: pointer("/hooks", name, index, "path"), message: `${path} is not an executable file` }],
    );
  });

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const seccomp: Check = ({ linux }) =>
  linux?.seccomp === undefined || existsSync("/proc/sys/kernel/seccomp/actions_avail")
    ? []
    : [{ pointer: "/linux/seccomp", message: "the kernel has no seccomp filters" }];

const CHECKS: readonly Check[] = [rootDirectory, bindSources, namespaces, hookPrograms, seccomp];

/** All that is missing; paths count from the bundle. */
export function hostProblems(spec: Spec, bundle: string): HostProblem[] {
  return CHECKS.flatMap((check) => check(spec, bundle));
}
