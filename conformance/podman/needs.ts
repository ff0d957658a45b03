/** What this harness needs of the machine. */
import { find } from "../bench/runtimes.ts";

/** Debian's packages by the program that is looked for. */
const PACKAGES: Readonly<Record<string, string>> = {
  podman: "podman",
  conmon: "conmon",
  catatonit: "catatonit",
  newuidmap: "uidmap",
  setpriv: "util-linux",
  unshare: "util-linux",
};

/** What is missing, with the command that installs it; undefined: nothing. */
export function missing(): string | undefined {
  if (process.geteuid?.() !== 0) return "needs root, to be root and an ordinary user";
  const programs = Object.keys(PACKAGES).filter((name) => find(name) === undefined);
  if (programs.length === 0) return undefined;
  const packages = new Set(programs.map((name) => PACKAGES[name]));
  return `needs ${programs.join(", ")} (Debian: apt-get install --no-install-recommends ${[...packages].join(" ")})`;
}

/** The reason why containers can have no network by slirp4netns; false: they can. */
export const noSlirp: string | false = find("slirp4netns") ? false : "slirp4netns is not installed";
