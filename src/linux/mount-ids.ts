/**
 * Id-mapped mounts (config.md, "Linux mount options" and "POSIX-platform Mounts"; mount_setattr(2)): files of the source
 * that belong to an id of the first column belong to the id of the second on the mount. Only who may administer the
 * filesystem, that is the host, may do this.
 */
import { TsociError } from "../base/errors.ts";
import type { Operation } from "../plan/operations.ts";
import type { IDMapping } from "../spec/generated/config.ts";
import type { Context } from "./context.ts";
import { mapText } from "./ids.ts";
import type { MountEntry } from "./mount-entries.ts";

interface Maps {
  readonly uids: readonly IDMapping[];
  readonly gids: readonly IDMapping[];
}

/** The option that asks for it: crun's form has a mapping of its own behind "=". */
const OPTION = /^(?<recursive>r?)idmap(?:=(?<maps>.*))?$/s;

function optionOf({ options }: MountEntry) {
  const found = options.extensions.findLast((text) => OPTION.test(text));
  const { recursive = "", maps } = OPTION.exec(found ?? "")?.groups ?? {};
  return { found, recursive: recursive !== "", maps };
}

function hasMappings({ mount }: MountEntry): boolean {
  return (mount.uidMappings?.length ?? 0) + (mount.gidMappings?.length ?? 0) > 0;
}

export function isIdMapped(entry: MountEntry): boolean {
  return hasMappings(entry) || optionOf(entry).found !== undefined;
}

/** host: maps the ids of the slot `tree`, before anyone can see it; [] unless the entry asks for it. */
export function mapIds(context: Context, entry: MountEntry): Operation[] {
  if (!isIdMapped(entry)) return [];
  const { from } = entry;
  const { recursive } = optionOf(entry);
  if (context.facts.host.euid !== 0) {
    throw new TsociError("host", "only root can map the ids of a mount", { pointer: from });
  }
  const maps = mapsOf(context, entry);
  const flags = recursive ? (["recursive"] as const) : [];
  if (maps === undefined) return [{ op: "idmap", from, slot: "namespace_user", flags }];
  const [uids, gids] = [mapText(maps.uids), mapText(maps.gids)];
  return [
    { op: "user_namespace", from, uids, gids },
    { op: "idmap", from, slot: "ids", flags },
  ];
}

/** undefined: those of the user namespace that the container joins. */
function mapsOf({ spec, isolation }: Context, entry: MountEntry): Maps | undefined {
  const { mount, from } = entry;
  const { found = "", maps } = optionOf(entry);
  const pointer = found === "" ? from : `${from}/options/${(mount.options ?? []).lastIndexOf(found)}`;
  const refused = (what: string) => new TsociError("config", what, { pointer });
  if (maps !== undefined && hasMappings(entry))
    throw refused("the mount has mappings already: uidMappings and gidMappings");
  if (maps === undefined && !hasMappings(entry)) {
    if (isolation.of("user") === "joined") return undefined;
    if (isolation.of("user") === "shared") throw refused(`${found} needs mappings, or a user namespace`);
  }
  const container = { uids: spec.linux?.uidMappings ?? [], gids: spec.linux?.gidMappings ?? [] };
  if (hasMappings(entry)) return both({ uids: mount.uidMappings ?? [], gids: mount.gidMappings ?? [] }, refused);
  return maps === undefined ? container : both(parseMaps(maps, container, refused), refused);
}

type Refused = (what: string) => TsociError;

function both(maps: Maps, refused: Refused): Maps {
  if (maps.uids.length > 0 && maps.gids.length > 0) return maps;
  throw refused("uids and gids must both be mapped");
}

/** crun(1): "uids=0-1000-1#1-2000-10;gids=0-1000-1", each a first id on the filesystem, a first id on the mount, a count. */
function parseMaps(text: string, container: Maps, refused: Refused): Maps {
  const maps = { uids: [] as IDMapping[], gids: [] as IDMapping[] };
  for (const part of text.split(";").filter((part) => part !== "")) {
    const [, kind, ranges = ""] = /^(uids|gids)=(.*)$/s.exec(part) ?? [];
    if (kind !== "uids" && kind !== "gids") throw refused(`not "uids=…" or "gids=…": "${part}"`);
    maps[kind].push(...ranges.split("#").map((range) => parseRange(range, container[kind], refused)));
  }
  return maps;
}

/** With "@" in front the second id is one of the container's user namespace. */
function parseRange(text: string, container: readonly IDMapping[], refused: Refused): IDMapping {
  const [, relative, ...numbers] = /^(@?)(\d{1,10})-(\d{1,10})-(\d{1,10})$/.exec(text) ?? [];
  const [containerID, second, size] = numbers.map(Number);
  if (containerID === undefined || second === undefined || size === undefined) {
    throw refused(`not three numbers, as in 0-1000-1: "${text}"`);
  }
  if (relative === "") return { containerID, hostID: second, size };
  const within = container.find((map) => map.containerID <= second && second + size <= map.containerID + map.size);
  if (!within) throw refused(`no one mapping of the container's user namespace has all ids of "${text}"`);
  return { containerID, hostID: within.hostID + (second - within.containerID), size };
}
