/**
 * Recorded hosts: what fixtures/*.json hold, for tests that plan for hosts other than this one. `npm run vm -- --record`
 * writes those of cgroup v2 (conformance/vm/record.ts).
 */
import { readFileSync } from "node:fs";
import type { CgroupFiles, Facts, HostFacts } from "./facts.ts";

export interface RecordedHost {
  readonly host: HostFacts;
  /** Path → text; null for what exists and isn't read, such as directories. What is not listed does not exist. */
  readonly files: Readonly<Record<string, string | null>>;
  /** Directories; all that exists below them is writable too. */
  readonly writable: readonly string[];
}

export const FIXTURES = ["v1", "hybrid", "v2", "v2-systemd", "v2-rootless", "v2-rootless-undelegated", "none"] as const;
export type FixtureName = (typeof FIXTURES)[number];

/** Facts of a recorded host, with more files where a test needs them. */
export function recordedFacts(name: FixtureName, more: RecordedHost["files"] = {}): Facts {
  const path = new URL(`fixtures/${name}.json`, import.meta.url);
  const recorded: RecordedHost = JSON.parse(readFileSync(path, "utf8"));
  return { host: recorded.host, files: recordedFiles({ ...recorded, files: { ...recorded.files, ...more } }) };
}

/** A file makes its directories exist. */
export function recordedFiles({ files, writable }: Omit<RecordedHost, "host">): CgroupFiles {
  const paths = Object.keys(files);
  const exists = (path: string) => paths.some((known) => known === path || known.startsWith(`${path}/`));
  const inside = (path: string, directory: string) =>
    directory === "/" || path === directory || path.startsWith(`${directory}/`);
  return {
    exists,
    read: (path) => files[path] ?? undefined,
    writable: (path) => exists(path) && writable.some((directory) => inside(path, directory)),
  };
}
