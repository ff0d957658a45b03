/** Hooks for tests: shell scripts that leave lines in the log of the box. */
import { existsSync, readFileSync } from "node:fs";
import { type Box, type Config, type Json, MOUNTS, merge, sleeper } from "../harness.ts";

export const KINDS = [
  "prestart",
  "createRuntime",
  "createContainer",
  "startContainer",
  "poststart",
  "poststop",
] as const;
export type Kind = (typeof KINDS)[number];

/** A hook that runs a shell script; those that run in the container find the same shell there. */
export function hook(text: string, more: Config = {}): Config {
  return { path: "/bin/sh", args: ["sh", "-c", text], ...more };
}

/** Hooks and the container write into one directory, which is mounted at the same place inside. */
export function shared(box: Box, hooks: Partial<Record<Kind, Json>>, change: Config = {}): Config {
  const mounts = [...MOUNTS, { destination: box.directory, source: box.directory, options: ["rbind"] }];
  return merge(sleeper({ mounts, hooks: hooks as Config }), change);
}

export function log(box: Box): string[] {
  return existsSync(box.path("log")) ? readFileSync(box.path("log"), "utf8").split("\n").slice(0, -1) : [];
}

export const append = (box: Box, text: string) => `echo ${text} >> ${box.path("log")}`;
