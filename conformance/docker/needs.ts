/** What this harness needs of the machine. */
import { missingPrograms } from "../harness/needs.ts";

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
  return missingPrograms(PACKAGES);
}
