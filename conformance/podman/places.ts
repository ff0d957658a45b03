/** Who calls Podman, and where: root, and an ordinary user with subordinate ids. */
import { chmodSync, chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { USER, type World } from "./world.ts";

export interface Place {
  readonly name: "root" | "rootless";
  /** For storage and volumes. */
  readonly directory: string;
  /** What a command is put behind to be run by this user. */
  readonly through: readonly string[];
  readonly uid: number;
  readonly env: Readonly<Record<string, string>>;
  /** Where tsoci keeps its state. */
  readonly states: string;
  /** The parent of its containers' cgroups; undefined: Podman gives an ordinary user's none on cgroup v1. */
  readonly cgroup: string | undefined;
  /** Whether Podman is told that tsoci writes its messages as JSON, too: by default it reads standard error. */
  readonly json: boolean;
  /** An entry of the environment of every process. */
  readonly mark: string;
}

export function root({ directory, tag }: World): Place {
  const home = join(directory, "root");
  mkdirSync(home);
  return {
    name: "root",
    directory: home,
    through: [],
    uid: 0,
    env: { PATH: process.env.PATH ?? "", HOME: home },
    states: "/run/tsoci",
    cgroup: `/${tag}`,
    json: false,
    mark: `TSOCI_PODMAN=${tag}-root`,
  };
}

export function rootless({ directory, tag }: World): Place {
  const home = join(directory, "user");
  const runtime = `/run/user/${USER.id}`;
  for (const path of [home, runtime]) {
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o700);
    chownSync(path, USER.id, USER.id);
  }
  const groups = ["--groups", `${USER.id},${USER.group}`];
  return {
    name: "rootless",
    directory: home,
    through: ["setpriv", "--reuid", `${USER.id}`, "--regid", `${USER.id}`, ...groups],
    uid: USER.id,
    env: { PATH: process.env.PATH ?? "", HOME: home, XDG_RUNTIME_DIR: runtime },
    states: join(runtime, "tsoci"),
    cgroup: undefined,
    json: true,
    mark: `TSOCI_PODMAN=${tag}-rootless`,
  };
}
