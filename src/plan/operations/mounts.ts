/** Mounts: trees, new filesystems, their attributes, and the root filesystem. */
import { MOUNT_ATTRIBUTES, MOUNT_FLAGS } from "../../kernel/mount-flags.ts";
import { flags, oneOf, slotArgument, textArgument as text } from "../arguments.ts";
import { define } from "../definition.ts";
import type { Section } from "../sections.ts";
import { inRoot, mountWords, propagationWord, quote, show } from "../shell-words.ts";
import { inContainer } from "./paths.ts";

/** Without mount_setattr(2) init changes mounts by way of its procfs; the host has none, and no such way. */
const withProcfs = (section: Section) => (section === "init" ? (["procfs"] as const) : []);

export const mountOperations = {
  procfs: define({
    about:
      "Fills the slot `procfs` with a procfs of its own, attached nowhere; falls back to a clone of /proc, then to /proc. Verified by filesystem type.",
    places: ["init"],
    args: {},
    slots: () => ({ fills: ["procfs"] }),
    says: () => "open a private procfs",
    shell: () => 'mount -t proc proc "$PROC"',
  }),
  propagation: define({
    about: "Changes the propagation of the mount at a path of the own mount namespace: mount(NULL, path, NULL, flags).",
    places: ["init"],
    args: { path: text, flags: flags(MOUNT_FLAGS) },
    says: (a) => `make ${show(a.path)} ${propagationWord(a.flags)}`,
    shell: (a) => `mount --make-${propagationWord(a.flags)} ${quote(a.path)}`,
  }),
  tree: define({
    about:
      "Clones the mount at a path of the own mount namespace into the slot `tree`, detached. recursive: with what is mounted below. " +
      "no_follow: a symbolic link itself.",
    places: ["host", "init"],
    args: { path: text, flags: flags({ recursive: 1, no_follow: 2 }) },
    slots: (_, section) => ({ reads: withProcfs(section), fills: ["tree"] }),
    says: (a) => `open ${show(a.path)} for binding`,
    shell: (a) => `mount --${a.flags.includes("recursive") ? "rbind" : "bind"} ${quote(a.path)} "$TREE"`,
  }),
  attributes: define({
    about:
      "mount_setattr(2) on the slot `tree`, attached or not: attributes to set and to clear, and one propagation (MS_PRIVATE …).",
    places: ["host", "init"],
    args: {
      set: flags(MOUNT_ATTRIBUTES),
      clear: flags(MOUNT_ATTRIBUTES),
      propagation: flags(MOUNT_FLAGS),
      flags: flags({ recursive: 1 }),
    },
    slots: (_, section) => ({ reads: ["tree", ...withProcfs(section)] }),
    says: (a) => {
      const words = [
        ...mountWords(a.set, a.clear),
        ...(a.propagation.length > 0 ? [propagationWord(a.propagation)] : []),
      ];
      return `make the mount ${words.join(", ")}`;
    },
    shell: (a) => {
      const recursive = a.flags.includes("recursive");
      const words = mountWords(a.set, a.clear).map((word) => (recursive ? `${word}=recursive` : word));
      const remount = words.length > 0 ? [`mount -o remount,bind,${words.join(",")} "$TREE"`] : [];
      const spread =
        a.propagation.length > 0 ? [`mount --make-${propagationWord(a.propagation, recursive)} "$TREE"`] : [];
      return [...remount, ...spread].join("; ");
    },
  }),
  user_namespace: define({
    about: "Makes a user namespace without processes, whose uid_map and gid_map are these texts. Fills the slot `ids`.",
    places: ["host"],
    args: { uids: text, gids: text },
    slots: () => ({ fills: ["ids"] }),
    says: () => "make a user namespace with the mappings",
    shell: (a) =>
      `unshare --user sleep infinity & ids=$!; echo ${quote(a.uids)} > /proc/$ids/uid_map; echo ${quote(a.gids)} > /proc/$ids/gid_map`,
  }),
  idmap: define({
    about:
      "Changes who owns what on the detached mount in the slot `tree`, by the maps of the user namespace in a slot (MOUNT_ATTR_IDMAP). " +
      "recursive: on all below it, too.",
    places: ["host"],
    args: { slot: slotArgument, flags: flags({ recursive: 1 }) },
    slots: (a) => ({ reads: ["tree", a.slot] }),
    says: (a) => `map the ids of the mount${a.flags.includes("recursive") ? " and all below it" : ""}`,
    shell: (a) => `mount -o remount,bind,X-mount.idmap=/dev/fd/$${a.slot} "$TREE"`,
  }),
  rootfs: define({
    about:
      "Attaches the slot `tree` at a path of the own mount namespace and makes it the slot `rootfs`. shield: its parent becomes a private mount of its own, " +
      "so that nothing propagates out.",
    places: ["init"],
    args: { path: text, flags: flags({ shield: 1 }) },
    slots: () => ({ reads: ["tree", "procfs"], fills: ["rootfs"], empties: ["tree"] }),
    says: (a) => `use ${show(a.path)} as root filesystem`,
    shell: (a) => {
      const path = quote(a.path);
      const shield = a.flags.includes("shield") ? `mount --bind ${path} ${path}; mount --make-private ${path}; ` : "";
      return `${shield}mount --move "$TREE" ${path}; ROOT=${path}`;
    },
  }),
  attach: define({
    about:
      "Attaches the slot `tree` in the container. A missing mount point is made, of the kind of the tree (directory or file). in_proc: the target may be " +
      "a file of a procfs. over_proc: the tree must be a procfs itself. no_follow: the target itself, when it is a symbolic link. " +
      "copy_link: a tree that is a symbolic link is not attached; the target becomes the same link, or is it already.",
    places: ["init"],
    args: { target: text, flags: flags({ in_proc: 1, over_proc: 2, no_follow: 4, copy_link: 8 }) },
    slots: () => ({ reads: ["tree", "rootfs", "procfs"] }),
    says: (a) => `mount on ${show(a.target)}`,
    shell: (a) => `mount --move "$TREE" ${inRoot(a.target)}`,
  }),
  mount: define({
    about:
      "Mounts a new filesystem in the container; a missing directory is made. flags: of the superblock, as mount(2) takes them; set: of the mount. data: " +
      "the filesystem's options, separated by commas. no_links: no component of the target may be a symbolic link; no_follow: the last may not. copy_up: the directory's contents are " +
      "copied into the new filesystem. keep_mode: the new root gets mode and owner of the directory that it covers unless data sets mode. " +
      "or_bind: where the kernel refuses it (EPERM, EBUSY), binds this path of the host instead. Fills the slot `tree`.",
    places: ["init"],
    args: {
      type: text,
      source: text,
      target: text,
      flags: flags(MOUNT_FLAGS),
      set: flags(MOUNT_ATTRIBUTES),
      data: text,
      or_bind: text,
      options: flags({ no_links: 1, copy_up: 2, keep_mode: 4, no_follow: 8 }),
    },
    slots: () => ({ reads: ["rootfs", "procfs"], fills: ["tree"] }),
    says: (a) => `mount ${show(a.type)} on ${show(a.target)}`,
    shell: (a) => {
      const options = mountWords([...a.flags, ...a.set]);
      if (a.data !== "") options.push(show(a.data));
      const words = options.length > 0 ? ` -o ${quote(options.join(","))}` : "";
      const make = `mount -t ${quote(a.type)}${words} ${quote(a.source)} ${inRoot(a.target)}`;
      return a.or_bind === "" ? make : `${make} || mount --rbind ${quote(a.or_bind)} ${inRoot(a.target)}`;
    },
  }),
  filesystem: define({
    about:
      "Makes a new filesystem for the namespaces of the runtime, attached nowhere, and fills the slot `tree` with it.",
    places: ["host"],
    args: { type: text, source: text },
    slots: () => ({ fills: ["tree"] }),
    says: (a) => `make a filesystem of type ${show(a.type)}`,
    shell: (a) => `mount -t ${quote(a.type)} ${quote(a.source)} "$TREE"`,
  }),
  open_mount: define({
    about: "Fills the slot `tree` with what is mounted at a path in the container; not a mount point is an error.",
    places: ["init"],
    args: { target: text },
    slots: () => ({ reads: ["rootfs", "procfs"], fills: ["tree"] }),
    says: (a) => `open the mount at ${show(a.target)}`,
    shell: (a) => `TREE=${inRoot(a.target)}; mountpoint "$TREE"`,
  }),
  readonly: define({
    about: "Binds a path in the container over itself, read-only, with all below it. Missing is fine.",
    ...inContainer,
    args: { path: text },
    says: (a) => `make ${show(a.path)} read-only`,
    shell: (a) => `mount --rbind -o ro=recursive ${inRoot(a.path)} ${inRoot(a.path)}`,
  }),
  readonly_root: define({
    about: "Makes the mount of the slot `rootfs` read-only, and nothing below it.",
    ...inContainer,
    args: {},
    says: () => "make the root filesystem read-only",
    shell: () => 'mount -o remount,bind,ro "$ROOT"',
  }),
  enter_root: define({
    about:
      "Makes the slot `rootfs` the root directory. pivot: pivot_root(2), and the old root is unmounted. move: mounted over / (MS_MOVE), then chroot(2). " +
      "chroot: chroot(2) only.",
    places: ["init"],
    args: { how: oneOf({ pivot: 1, move: 2, chroot: 3 }) },
    slots: (a) => ({ reads: a.how === "move" ? ["rootfs", "procfs"] : ["rootfs"] }),
    says: (a) => (a.how === "pivot" ? "pivot_root" : `${a.how} into the root filesystem`),
    shell: (a) => {
      if (a.how === "pivot") return 'cd "$ROOT"; pivot_root . .; umount -l .';
      return `${a.how === "move" ? 'mount --move "$ROOT" /; ' : ""}chroot "$ROOT"`;
    },
  }),
  unmount: define({
    about:
      'Lazily unmounts everything at and below a path of the host, or of the mount namespace given by a path ("" for the own). Not mounted is fine.',
    places: ["undo"],
    args: { path: text, namespace: text },
    says: (a) => `unmount ${show(a.path)}`,
    shell: (a) => `${a.namespace === "" ? "" : `nsenter --mount=${quote(a.namespace)} `}umount -R -l ${quote(a.path)}`,
  }),
};
