/** How values of a plan read in messages and in shell commands. Slots appear as $variables. */
import { CAPABILITIES } from "../kernel/capabilities.ts";
import type { MountAttribute, MountFlag } from "../kernel/mount-flags.ts";
import { type CloneFlag, NAMESPACES, type NamespaceType } from "../kernel/namespaces.ts";
import type { Text } from "./arguments.ts";

/** The text as a person reads it: slots as $name. */
export function show(value: Text): string {
  if (typeof value === "string") return value;
  return value.map((piece) => (typeof piece === "string" ? piece : `$${piece.slot}`)).join("");
}

/** One word for a POSIX shell; texts with slots get double quotes so that the variable expands. */
export function quote(value: Text): string {
  if (typeof value !== "string") {
    const inner = value.map((piece) =>
      typeof piece === "string" ? piece.replace(/["$`\\]/g, "\\$&") : `\${${piece.slot}}`,
    );
    return `"${inner.join("")}"`;
  }
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

export function quoteAll(values: readonly Text[]): string {
  return values.map(quote).join(" ");
}

const LONGEST_WORD = 80;

/** One word, cut where it is long: what is written to a file must not hide the name of the file. */
export function excerpt(value: Text): string {
  const word = quote(value);
  if (word.length <= LONGEST_WORD) return word;
  const end = /^["']/.exec(word)?.[0] ?? "";
  return `${word.slice(0, LONGEST_WORD)}…${end}`;
}

/** A path in the container. */
export function inRoot(path: Text): string {
  return `"$ROOT"${quote(path)}`;
}

export function octal(value: number): string {
  return value.toString(8).padStart(4, "0");
}

const NAMESPACE_OF: ReadonlyMap<string, NamespaceType> = new Map(
  (Object.keys(NAMESPACES) as NamespaceType[]).map((type) => [NAMESPACES[type].flag, type]),
);

/** The namespaces that stand behind flags of clone(2), by the specification's names. */
export function namespaces(flags: readonly CloneFlag[]): NamespaceType[] {
  return flags.flatMap((flag) => NAMESPACE_OF.get(flag) ?? []);
}

/** " --mount --pid", as unshare(1) and nsenter(1) take them; `value` is added to each: " --net=/dev/fd/3". */
export function namespaceOptions(flags: readonly CloneFlag[], value = ""): string {
  return namespaces(flags)
    .map((type) => ` ${NAMESPACES[type].short}${value}`)
    .join("");
}

/** The names behind the bits of a mask, in lower case and without "cap_"; ["all"] when none that tsoci knows is missing. */
export function capabilityNames(mask: number | bigint): string[] {
  const names = CAPABILITIES.filter((_, bit) => (BigInt(mask) & (1n << BigInt(bit))) !== 0n);
  if (names.length === CAPABILITIES.length) return ["all"];
  return names.map((name) => name.slice("CAP_".length).toLowerCase());
}

/** Options of mount(8) that are not the kernel's name without its prefix. */
const MOUNT_WORDS: Readonly<Record<string, string>> = {
  MS_RDONLY: "ro",
  MS_SYNCHRONOUS: "sync",
  MS_MANDLOCK: "mand",
  MS_I_VERSION: "iversion",
  MOUNT_ATTR_RDONLY: "ro",
};

/** What takes an attribute away; clearing the mask of access times leaves the kernel's default. */
const OPPOSITES: Readonly<Record<MountAttribute, string>> = {
  MOUNT_ATTR_RDONLY: "rw",
  MOUNT_ATTR_NOSUID: "suid",
  MOUNT_ATTR_NODEV: "dev",
  MOUNT_ATTR_NOEXEC: "exec",
  MOUNT_ATTR_NOATIME: "atime",
  MOUNT_ATTR_STRICTATIME: "relatime",
  MOUNT_ATTR__ATIME: "relatime",
  MOUNT_ATTR_NODIRATIME: "diratime",
  MOUNT_ATTR_NOSYMFOLLOW: "symfollow",
};

/** Flags and attributes as options of mount(8). */
export function mountWords(
  set: readonly (MountFlag | MountAttribute)[],
  clear: readonly MountAttribute[] = [],
): string[] {
  const words = set.map((name) => MOUNT_WORDS[name] ?? name.replace(/^MS_|^MOUNT_ATTR_/, "").toLowerCase());
  // The mask is cleared before one of its attributes is set.
  const setsTime = words.includes("noatime") || words.includes("strictatime");
  const taken = clear.filter((name) => !(setsTime && name === "MOUNT_ATTR__ATIME")).map((name) => OPPOSITES[name]);
  return [...new Set([...words, ...taken])];
}

/** "rslave", from flags of mount(2). */
export function propagationWord(flags: readonly MountFlag[], recursive = flags.includes("MS_REC")): string {
  const name = flags.find((flag) => flag !== "MS_REC") ?? "";
  return `${recursive ? "r" : ""}${name.slice("MS_".length).toLowerCase()}`;
}
