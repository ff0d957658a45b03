/** What this harness needs of the machine. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { missingPrograms } from "../harness/needs.ts";

/** Debian's packages by the program that is looked for. */
const PACKAGES: Readonly<Record<string, string>> = {
  containerd: "containerd",
  ctr: "containerd",
  "containerd-shim-runc-v2": "containerd",
  unshare: "util-linux",
  tar: "tar",
};

/** What is missing, with the command that installs it; undefined: nothing. */
export function missing(): string | undefined {
  if (process.geteuid?.() !== 0) return "needs root";
  return missingPrograms(PACKAGES);
}

/** Debian's place for CNI plugins, and everybody else's. */
const PLUGINS = ["/usr/lib/cni", "/opt/cni/bin"];

/** The directory with the plugins that give a pod its network; undefined: they are not installed. */
export function networkPlugins(): string | undefined {
  return PLUGINS.find((directory) =>
    ["loopback", "ptp", "host-local"].every((name) => existsSync(join(directory, name))),
  );
}

export const NO_NETWORK =
  "no CNI plugins (Debian: apt-get install --no-install-recommends containernetworking-plugins)";
