/** tsoci run by an ordinary user with one id mapped: what the configuration and the call look like. */
import { chownSync, mkdirSync } from "node:fs";
import { execaSync } from "execa";
import type { Box, Invocation } from "./box.ts";
import { type Config, MOUNTS, merge } from "./config.ts";
import type { Container } from "./container.ts";
import { copyTo } from "./engines.ts";

export const UID = 1000;

/** Why ordinary users can't have containers here; false: they can. */
export const noUserNamespaces = (() => {
  const probe = ["--reuid", "1000", "--regid", "1000", "--clear-groups", "unshare", "--user", "true"];
  return execaSync("setpriv", probe, { reject: false }).exitCode === 0
    ? false
    : "ordinary users may not make user namespaces here";
})();

/** A usual container of the user. */
export function only(change: Config = {}): Config {
  const map = [{ containerID: 0, hostID: UID, size: 1 }];
  const types = ["user", "mount", "pid", "ipc", "uts", "network", "cgroup"].map((type) => ({ type }));
  const mounts = MOUNTS.map((mount) => ({
    ...mount,
    options: mount.options.filter((option) => !/^[ug]id=/.test(option)),
  }));
  return merge({ mounts, linux: { namespaces: types, uidMappings: map, gidMappings: map } }, change);
}

/** How the user calls tsoci. */
export function asUser(box: Box): Invocation {
  const runtime = box.path("run");
  mkdirSync(runtime, { mode: 0o700 });
  chownSync(runtime, UID, UID);
  const through = ["setpriv", "--reuid", String(UID), "--regid", String(UID), "--clear-groups"];
  return {
    global: [],
    through,
    env: { PATH: "/usr/bin:/bin", XDG_RUNTIME_DIR: runtime },
    engine: copyTo(box.path("bin"), box.engine),
  };
}

/** The bundle belongs to the user. */
export function owned(c: Container): Container {
  execaSync("chown", ["-R", `${UID}:${UID}`, c.bundle]);
  return c;
}
