/** `tsoci spec`: writes an example config.json. */
import { existsSync, lstatSync } from "node:fs";
import { resolve } from "node:path";
import { TsociError } from "../base/errors.ts";
import type { Plan } from "../plan/plan.ts";
import type { RequestOf } from "./declaration.ts";
import { defaultSpec } from "./default-spec.ts";

/** A file of the root of cgroup v2, which is mounted there unless the host has v1, too. */
const CGROUP2 = "/sys/fs/cgroup/cgroup.controllers";

/** Throws a TsociError when the file exists. */
export function spec({ flags }: RequestOf<"spec">): Plan {
  const path = resolve(flags.bundle, flags.file);
  if (exists(path)) {
    throw new TsociError("file", `File ${flags.file} exists. Remove it first`);
  }
  const rootless = flags.rootless ? { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 } : undefined;
  const config = defaultSpec({ cgroup2: existsSync(CGROUP2), rootless });
  const data = `${JSON.stringify(config, null, "\t")}\n`;
  return {
    failure: "",
    failureStatus: 1,
    // exclusive: a file that someone makes meanwhile is not overwritten.
    sections: { host: [{ op: "write", from: "spec", path, data, mode: 0o666, flags: ["create", "exclusive"] }] },
  };
}

/** A symbolic link counts, wherever it leads. What can't be looked at is left to the write, which tells why. */
function exists(path: string): boolean {
  try {
    return lstatSync(path) !== undefined;
  } catch {
    return false;
  }
}
