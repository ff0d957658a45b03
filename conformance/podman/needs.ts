/** What this harness needs of the machine. */
import { find } from "../bench/runtimes.ts";
import { missingPrograms } from "../harness/needs.ts";

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
  return missingPrograms(PACKAGES);
}

/** The reason why containers can have no network by slirp4netns; false: they can. */
export const noSlirp: string | false = find("slirp4netns") ? false : "slirp4netns is not installed";
