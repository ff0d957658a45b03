/**
 * The mount options of config.json (config.md, "Linux mount options") and what each one is to the kernel. They live in
 * different places there, and to take one for another is a bug that both runc and crun have had:
 *
 * - superblock: flags of the filesystem, for every mount of it (mount(2)). A bind mount can't change them.
 * - attribute: of one mount (mount_setattr(2)), or, recursive, of a mount and all below it. "ro" is one: another mount
 *   of the same filesystem stays writable.
 * - atime: three attributes that exclude each other; to the kernel they are a number below the mask MOUNT_ATTR__ATIME.
 * - propagation: how mounts and unmounts spread (mount_namespaces(7)).
 * - extension: not of the kernel, tsoci does the work.
 */
import type { MountAttribute, MountFlag } from "./mount-flags.ts";

const ATIME = {
  /** The kernel's default, 0. */
  relatime: undefined,
  noatime: "MOUNT_ATTR_NOATIME",
  strictatime: "MOUNT_ATTR_STRICTATIME",
} as const satisfies Record<string, MountAttribute | undefined>;

type Atime = keyof typeof ATIME;

type Option =
  | { readonly layer: "superblock"; readonly flag: MountFlag; readonly on: boolean }
  | {
      readonly layer: "attribute";
      readonly attribute: MountAttribute;
      readonly on: boolean;
      readonly recursive: boolean;
    }
  | { readonly layer: "atime"; readonly atime: Atime; readonly on: boolean; readonly recursive: boolean }
  | { readonly layer: "propagation"; readonly flags: readonly MountFlag[] }
  | { readonly layer: "bind"; readonly bind: "bind" | "rbind" }
  | { readonly layer: "remount" }
  | { readonly layer: "nothing" }
  /** Not in the table: data for the filesystem. */
  | { readonly layer: "filesystem" }
  | { readonly layer: "extension" };

/** Flag: names that set it, names that clear it. crun's "r…" mean the same: a superblock has no mounts below it. */
const SUPERBLOCK = [
  ["MS_SYNCHRONOUS", ["sync", "rsync"], ["async", "rasync"]],
  ["MS_DIRSYNC", ["dirsync", "rdirsync"], []],
  ["MS_MANDLOCK", ["mand", "rmand"], ["nomand", "rnomand"]],
  ["MS_I_VERSION", ["iversion"], ["noiversion"]],
  ["MS_LAZYTIME", ["lazytime"], ["nolazytime"]],
  ["MS_SILENT", ["silent"], ["loud"]],
] as const;

/** Attribute: name that sets it, name that clears it; with "r" before the name, recursively. */
const ATTRIBUTES = [
  ["MOUNT_ATTR_RDONLY", "ro", "rw"],
  ["MOUNT_ATTR_NOSUID", "nosuid", "suid"],
  ["MOUNT_ATTR_NODEV", "nodev", "dev"],
  ["MOUNT_ATTR_NOEXEC", "noexec", "exec"],
  ["MOUNT_ATTR_NODIRATIME", "nodiratime", "diratime"],
  ["MOUNT_ATTR_NOSYMFOLLOW", "nosymfollow", "symfollow"],
] as const;

/** As ATTRIBUTES. */
const ATIMES = [
  ["relatime", "relatime", "norelatime"],
  ["noatime", "noatime", "atime"],
  ["strictatime", "strictatime", "nostrictatime"],
] as const;

const PROPAGATION = {
  private: "MS_PRIVATE",
  slave: "MS_SLAVE",
  shared: "MS_SHARED",
  unbindable: "MS_UNBINDABLE",
} as const satisfies Record<string, MountFlag>;

const EXTENSIONS = ["tmpcopyup", "src-nofollow", "dest-nofollow", "copy-symlink", "idmap", "ridmap"] as const;

/** Every option string that is not left to the filesystem. */
export const MOUNT_OPTIONS: ReadonlyMap<string, Option> = new Map<string, Option>([
  ["defaults", { layer: "nothing" }],
  ["remount", { layer: "remount" }],
  ["bind", { layer: "bind", bind: "bind" }],
  ["rbind", { layer: "bind", bind: "rbind" }],
  ...SUPERBLOCK.flatMap(([flag, set, clear]) => [
    ...set.map((name) => [name, { layer: "superblock", flag, on: true }] as const),
    ...clear.map((name) => [name, { layer: "superblock", flag, on: false }] as const),
  ]),
  ...[false, true].flatMap((recursive) => [
    ...ATTRIBUTES.flatMap(([attribute, set, clear]) => [
      [prefix(recursive) + set, { layer: "attribute", attribute, on: true, recursive }] as const,
      [prefix(recursive) + clear, { layer: "attribute", attribute, on: false, recursive }] as const,
    ]),
    ...ATIMES.flatMap(([atime, set, clear]) => [
      [prefix(recursive) + set, { layer: "atime", atime, on: true, recursive }] as const,
      [prefix(recursive) + clear, { layer: "atime", atime, on: false, recursive }] as const,
    ]),
  ]),
  ...Object.entries(PROPAGATION).flatMap(([name, flag]) => [
    [name, { layer: "propagation", flags: [flag] }] as const,
    [prefix(true) + name, { layer: "propagation", flags: ["MS_REC", flag] }] as const,
  ]),
  ...EXTENSIONS.map((name) => [name, { layer: "extension" }] as const),
]);

function prefix(recursive: boolean): string {
  return recursive ? "r" : "";
}

/** The names for `tsoci features`, sorted. */
export function mountOptionNames(): string[] {
  return [...MOUNT_OPTIONS.keys()].sort();
}

/** What the options of one mount ask for. Sets and clears of attributes are as mount_setattr(2) takes them. */
export interface MountOptions {
  readonly bind: "bind" | "rbind" | undefined;
  readonly remount: boolean;
  /** Of the superblock. */
  readonly flags: readonly MountFlag[];
  /** For the mount and all below it; they come first, so that those of the mount alone win. */
  readonly recursiveSet: readonly MountAttribute[];
  readonly recursiveClear: readonly MountAttribute[];
  /** For the mount alone. */
  readonly set: readonly MountAttribute[];
  readonly clear: readonly MountAttribute[];
  /** Changes to make one after the other: a slave that becomes shared is both. */
  readonly propagation: readonly (readonly MountFlag[])[];
  /** Options of the filesystem. */
  readonly data: readonly string[];
  /** Options that tsoci carries out itself, as they were written: "tmpcopyup", "idmap=uids=…". */
  readonly extensions: readonly string[];
}

/** Attributes that are named so far; `atime` undefined: unchanged. */
interface Attributes {
  readonly named: Map<MountAttribute, boolean>;
  atime: Atime | undefined;
}

/** Sorts the options of a mount by what they are to the kernel. Of options that contradict each other the later wins. */
export function parseMountOptions(options: readonly string[]): MountOptions {
  const superblock = new Map<MountFlag, boolean>();
  const own: Attributes = { named: new Map(), atime: undefined };
  const recursive: Attributes = { named: new Map(), atime: undefined };
  const propagation: (readonly MountFlag[])[] = [];
  const data: string[] = [];
  const extensions: string[] = [];
  let bind: MountOptions["bind"];
  let remount = false;
  for (const text of options) {
    const option = MOUNT_OPTIONS.get(text) ?? unlisted(text);
    if (option.layer === "superblock") superblock.set(option.flag, option.on);
    else if (option.layer === "propagation") propagation.push(option.flags);
    else if (option.layer === "bind") bind = option.bind;
    else if (option.layer === "remount") remount = true;
    else if (option.layer === "extension") extensions.push(text);
    else if (option.layer === "filesystem") data.push(text);
    else if (option.layer !== "nothing") {
      name(option.recursive ? recursive : own, option);
      // What is said of the mount and all below it is said of the mount, too.
      if (option.recursive) forget(own, option);
    }
  }
  const { set: recursiveSet, clear: recursiveClear } = changes(recursive);
  const flags = whereIs(true, superblock);
  return { bind, remount, flags, ...changes(own), recursiveSet, recursiveClear, propagation, data, extensions };
}

function unlisted(text: string): Option {
  if (text === "") return { layer: "nothing" };
  // crun's form of idmap, with a mapping of its own: "idmap=uids=0-1000-1;gids=0-1000-1".
  if (/^r?idmap=/.test(text)) return { layer: "extension" };
  return { layer: "filesystem" };
}

type AttributeOption = Extract<Option, { layer: "attribute" | "atime" }>;

function name(attributes: Attributes, option: AttributeOption): void {
  if (option.layer === "attribute") attributes.named.set(option.attribute, option.on);
  else if (option.on) attributes.atime = option.atime;
  else attributes.atime = without(attributes.atime, option.atime);
}

/** What is left of the wish `now` when `atime` is not wanted. "atime", say, is "not noatime" and keeps "strictatime". */
function without(now: Atime | undefined, atime: Atime): Atime | undefined {
  if (now !== undefined && now !== atime) return now;
  // Without "noatime" or "strictatime" a mount has the default; there is none other than "relatime" itself.
  return atime === "relatime" ? undefined : "relatime";
}

function forget(attributes: Attributes, option: AttributeOption): void {
  if (option.layer === "attribute") attributes.named.delete(option.attribute);
  else if (option.on || attributes.atime === option.atime) attributes.atime = undefined;
}

function changes({ named, atime }: Attributes): Pick<MountOptions, "set" | "clear"> {
  const set = whereIs(true, named);
  const clear = whereIs(false, named);
  if (atime === undefined) return { set, clear };
  const attribute = ATIME[atime];
  // The kernel wants the whole mask cleared whichever of the three is set: they are one number.
  return { set: attribute ? [...set, attribute] : set, clear: [...clear, "MOUNT_ATTR__ATIME"] };
}

function whereIs<K>(on: boolean, names: ReadonlyMap<K, boolean>): K[] {
  return [...names].filter(([, value]) => value === on).map(([name]) => name);
}
