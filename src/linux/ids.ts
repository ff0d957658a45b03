/** linux.uidMappings and linux.gidMappings (config-linux.md, "User namespace mappings"; user_namespaces(7)). */
import { slot, text } from "../plan/arguments.ts";
import type { Operation } from "../plan/operations.ts";
import type { IDMapping } from "../spec/generated/config.ts";
import type { Context } from "./context.ts";
import type { Ids } from "./namespaces.ts";

/** The contents of uid_map and gid_map, one line for each mapping: "inside outside length". */
export function mapText(mappings: readonly IDMapping[]): string {
  return mappings.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join("");
}

function maps(mappings: readonly IDMapping[] | undefined, id: number): boolean {
  return (mappings ?? []).some(({ containerID, size }) => containerID <= id && id < containerID + size);
}

/** An id that is somebody: root, else the first one that is mapped. */
function lowestMeant(mappings: readonly IDMapping[] | undefined): number {
  return maps(mappings, 0) ? 0 : (mappings?.[0]?.containerID ?? 0);
}

/** As whom the container is set up: nobody's files can't be made. Joined user namespaces are taken to map root. */
export function settingUpAs({ spec, isolation }: Pick<Context, "spec" | "isolation">): Ids {
  if (isolation.of("user") !== "new") return { uid: 0, gid: 0 };
  return { uid: lowestMeant(spec.linux?.uidMappings), gid: lowestMeant(spec.linux?.gidMappings) };
}

/** The host's id behind an id of the container; the id itself without mappings. */
export function hostId(mappings: readonly IDMapping[] | undefined, id: number): number {
  const mapping = (mappings ?? []).find(({ containerID, size }) => containerID <= id && id < containerID + size);
  return mapping ? mapping.hostID + (id - mapping.containerID) : id;
}

/** An ordinary user may map one id, its own, without help (user_namespaces(7)). */
function needsHelper(mappings: readonly IDMapping[], own: number): boolean {
  return mappings.length !== 1 || mappings[0]?.hostID !== own || mappings[0]?.size !== 1;
}

function helper(program: string, mappings: readonly IDMapping[], from: string): Operation {
  const numbers = mappings.flatMap(({ containerID, hostID, size }) => [containerID, hostID, size]);
  return {
    op: "spawn",
    from,
    path: `/usr/bin/${program}`,
    args: [program, text`${slot("stage")}`, ...numbers.map(String)],
    env: [],
    timeout: 0,
    flags: [],
  };
}

/** host: writes the id maps of the stage, once it is in its user namespace. */
export function writeMaps({ spec, facts, isolation }: Context): Operation[] {
  if (isolation.of("user") !== "new") return [];
  const { euid, egid } = facts.host;
  const uids = spec.linux?.uidMappings ?? [];
  const gids = spec.linux?.gidMappings ?? [];
  const write = (file: string, data: string, from: string): Operation => ({
    op: "write",
    from,
    path: text`/proc/${slot("stage")}/${file}`,
    data,
    mode: 0,
    flags: [],
  });
  const operations: Operation[] = [{ op: "wait", from: "ids", step: "unshared" }];
  if (euid !== 0 && needsHelper(gids, egid)) {
    operations.push(helper("newgidmap", gids, "/linux/gidMappings"));
  } else {
    // The kernel lets an ordinary user map its group only once setgroups(2) is given up.
    if (euid !== 0) operations.push(write("setgroups", "deny", "/linux/gidMappings"));
    operations.push(write("gid_map", mapText(gids), "/linux/gidMappings"));
  }
  if (euid !== 0 && needsHelper(uids, euid)) operations.push(helper("newuidmap", uids, "/linux/uidMappings"));
  else operations.push(write("uid_map", mapText(uids), "/linux/uidMappings"));
  operations.push({ op: "wake", from: "ids", step: "mapped" });
  return operations;
}

/** setgroups(2) is not to be had in a user namespace that an ordinary user mapped without a helper. */
export function groupsAreDenied({ spec, facts, isolation }: Context): boolean {
  return (
    isolation.of("user") === "new" &&
    facts.host.euid !== 0 &&
    !needsHelper(spec.linux?.gidMappings ?? [], facts.host.egid)
  );
}
