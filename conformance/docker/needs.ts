/** What this harness needs of the machine. */
import { find } from "../bench/runtimes.ts";

/** Debian's packages by the program that is looked for. */
const PACKAGES: Readonly<Record<string, string>> = {
  docker: "docker.io",
  dockerd: "docker.io",
  containerd: "containerd",
  "containerd-shim-runc-v2": "containerd",
  // dockerd does not start without its default runtime.
  runc: "runc",
  unshare: "util-linux",
  tar: "tar",
};

/** What is missing, with the command that installs it; undefined: nothing. */
export function missing(): string | undefined {
  if (process.geteuid?.() !== 0) return "needs root";
  const programs = Object.keys(PACKAGES).filter((name) => find(name) === undefined);
  if (programs.length === 0) return undefined;
  const packages = new Set(programs.map((name) => PACKAGES[name]));
  return `needs ${programs.join(", ")} (Debian: apt-get install --no-install-recommends ${[...packages].join(" ")})`;
}
