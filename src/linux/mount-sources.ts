/** Sources of bind mounts: who opens them, and what the host hands over to init (config.md, "Mounts"). */
import { posix } from "node:path";
import { TsociError } from "../base/errors.ts";
import type { MountOptions } from "../kernel/mount-options.ts";
import type { Operation } from "../plan/operations.ts";
import type { Context } from "./context.ts";
import { entries, isBind, type MountEntry } from "./mount-entries.ts";
import { isIdMapped, mapIds } from "./mount-ids.ts";
import { startingPropagation } from "./rootfs.ts";

/** The host opens bind sources where init could not: a container's root is nobody in the directories of the host. */
export function hostOpensSources({ isolation, facts }: Context): boolean {
  return isolation.of("user") !== "shared" && facts.host.euid === 0;
}

/** host: opens the sources of bind mounts and hands them to init, in the order in which init takes them. */
export function handOverSources(context: Context): Operation[] {
  return entries(context).flatMap((entry): Operation[] => {
    const { from } = entry;
    const made = handedOver(context, entry);
    if (made.length === 0) return [];
    return [...made, { op: "give", from, slot: "tree" }, { op: "close", from, slot: "tree" }];
  });
}

/** Whether init takes an entry's tree from the host: what init may not open or map itself. */
export function comesFromHost(context: Context, entry: MountEntry): boolean {
  if (isHostsQueues(context, entry)) return true;
  return isBind(entry) && !entry.options.remount && (hostOpensSources(context) || isIdMapped(entry));
}

/** What the host makes of an entry; [] for those that init mounts alone. */
function handedOver(context: Context, entry: MountEntry): Operation[] {
  if (!comesFromHost(context, entry)) return [];
  if (isHostsQueues(context, entry)) {
    const { mount, from } = entry;
    return [{ op: "filesystem", from, type: "mqueue", source: mount.source ?? "mqueue" }];
  }
  // The clone is a peer of the host's own mount: what the container does must not reach it.
  return [openSource(context, entry), ...mapIds(context, entry), ...withdraw(context, entry)];
}

/** Only the host may mount the message queues of its ipc namespace, and it may have them nowhere to be bound. */
function isHostsQueues(context: Context, { mount, options }: MountEntry): boolean {
  if (!hostOpensSources(context) || mount.type !== "mqueue" || context.isolation.of("ipc") !== "shared") return false;
  return options.bind === undefined && !options.remount && options.flags.length + options.data.length === 0;
}

function withdraw(context: Context, { from }: MountEntry): Operation[] {
  const propagation = startingPropagation(context);
  if (propagation.includes("MS_SHARED")) return [];
  const flags = propagation.filter((flag) => flag !== "MS_REC");
  return [{ op: "attributes", from, set: [], clear: [], propagation: flags, flags: ["recursive"] }];
}

/** The source's link itself is what is bound, or copied. */
function follows({ extensions }: MountOptions): boolean {
  return !extensions.includes("src-nofollow") && !extensions.includes("copy-symlink");
}

export function openSource({ request }: Context, { mount, options, from }: MountEntry): Operation {
  const recursive = options.bind === "rbind" || (options.bind === undefined && mount.type === "rbind");
  const flags = [...(recursive ? (["recursive"] as const) : []), ...(follows(options) ? [] : (["no_follow"] as const))];
  if (mount.source === undefined) {
    throw new TsociError("config", "a bind mount needs a source", { pointer: from });
  }
  return { op: "tree", from, path: posix.resolve(request.bundle, mount.source), flags };
}
