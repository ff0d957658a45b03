/** Directories, links and devices in the container, and what is hidden there. */
import { NODE_TYPES } from "../../kernel/files.ts";
import { flags, mode, number, oneOf, textArgument as text } from "../arguments.ts";
import { define, type SlotUse } from "../definition.ts";
import type { Section } from "../sections.ts";
import { inRoot, octal, quote, show } from "../shell-words.ts";

/** Operations on paths below the slot `rootfs`. */
export const inContainer = {
  places: ["init"] as readonly Section[],
  slots: (): SlotUse => ({ reads: ["rootfs", "procfs"] }),
};

export const pathOperations = {
  make_directory: define({
    about: "Makes a directory and its missing parents in the container. One that exists is left as it is.",
    ...inContainer,
    args: { path: text, mode },
    says: (a) => `make directory ${show(a.path)}`,
    shell: (a) => `mkdir -p -m ${octal(a.mode)} ${inRoot(a.path)}`,
  }),
  symlink: define({
    about:
      "Makes a symbolic link in the container, with missing parents. One that already has this target is fine; anything else there: replace removes it, else it stays.",
    ...inContainer,
    args: { path: text, target: text, flags: flags({ replace: 1 }) },
    says: (a) => `link ${show(a.path)} to ${show(a.target)}`,
    shell: (a) => `ln -s${a.flags.includes("replace") ? "fn" : ""} ${quote(a.target)} ${inRoot(a.path)}`,
  }),
  node: define({
    about:
      "Makes a device node or fifo in the container, with missing parents, exactly with this mode and owner. One that exists must be the same device. ",
    ...inContainer,
    args: { path: text, type: oneOf(NODE_TYPES), major: number, minor: number, mode, uid: number, gid: number },
    says: (a) => `make device ${show(a.path)}`,
    shell: (a) => {
      const type = a.type === "fifo" ? "p" : `${a.type.charAt(0)} ${a.major} ${a.minor}`;
      const own = Number(a.uid) === 0 && Number(a.gid) === 0 ? "" : `; chown ${a.uid}:${a.gid} ${inRoot(a.path)}`;
      return `mknod -m ${octal(a.mode)} ${inRoot(a.path)} ${type}${own}`;
    },
  }),
  bind_node: define({
    about:
      "Binds a device node of the host over a file in the container (in user namespaces, where mknod(2) is not allowed).",
    ...inContainer,
    args: { source: text, path: text, type: oneOf(NODE_TYPES), major: number, minor: number },
    says: (a) => `bind device ${show(a.source)} on ${show(a.path)}`,
    shell: (a) => `touch ${inRoot(a.path)}; mount --bind ${quote(a.source)} ${inRoot(a.path)}`,
  }),
  mask: define({
    about:
      "Hides a path in the container: a directory under an empty read-only one, anything else under /dev/null (verified). Missing is fine.",
    ...inContainer,
    args: { path: text },
    says: (a) => `mask ${show(a.path)}`,
    shell: (a) => `mount --bind /dev/null ${inRoot(a.path)}   # a directory: mount -t tmpfs -o ro`,
  }),
};
