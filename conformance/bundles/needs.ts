/** What a test needs and a host may lack: each answers with the reason to skip, or false. */
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { read } from "../harness.ts";

/** A program on PATH. */
export function program(name: string): string | false {
  const directories = (process.env.PATH ?? "").split(delimiter);
  return directories.some((directory) => existsSync(join(directory, name))) ? false : `needs ${name} on PATH`;
}

/** A cgroup controller that is mounted, on v1 or on v2. */
export function controller(name: string): string | false {
  const v2 = read("/sys/fs/cgroup/cgroup.controllers")?.split(/\s/).includes(name) ?? false;
  const v1 = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .some((line) => {
      const [type, , options = ""] = (line.split(" - ")[1] ?? "").split(" ");
      return type === "cgroup" && options.split(",").includes(name);
    });
  return v1 || v2 ? false : `needs the ${name} controller of cgroups`;
}

export function namespace(name: string): string | false {
  return existsSync(`/proc/self/ns/${name}`) ? false : `needs a kernel with ${name} namespaces`;
}

/** User namespaces for those who are not root. */
export function ordinaryUserNamespaces(): string | false {
  const settings: readonly (readonly [file: string, forbids: string])[] = [
    ["/proc/sys/user/max_user_namespaces", "0"],
    ["/proc/sys/kernel/unprivileged_userns_clone", "0"],
    ["/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"],
  ];
  const found = settings.find(([file, forbids]) => read(file)?.trim() === forbids);
  return found ? `needs user namespaces for ordinary users (${found[0]} is ${found[1]})` : false;
}

/** The first reason of several. */
export function all(...reasons: readonly (string | false)[]): string | false {
  return reasons.find((reason) => reason !== false) ?? false;
}
