/** root and linux.rootfsPropagation (config.md, "Root"; config-linux.md, "Rootfs Mount Propagation"). */
import { posix } from "node:path";
import type { MountFlag } from "../kernel/mount-flags.ts";
import type { Operation } from "../plan/operations.ts";
import type { Context } from "./context.ts";

const PROPAGATION: Readonly<Record<string, MountFlag>> = {
  shared: "MS_SHARED",
  slave: "MS_SLAVE",
  private: "MS_PRIVATE",
  unbindable: "MS_UNBINDABLE",
};

const from = "/root";
const propagationFrom = "/linux/rootfsPropagation";

function asked({ spec }: Pick<Context, "spec">): MountFlag | undefined {
  // Callers also write rshared, rslave …: the whole tree is meant either way.
  return PROPAGATION[(spec.linux?.rootfsPropagation ?? "").replace(/^r(?=shared|slave|private|unbindable)/, "")];
}

/** Of the copied mounts, before the root filesystem is bound: what can't be bound must not be unbindable yet. */
export function startingPropagation(context: Pick<Context, "spec">): MountFlag[] {
  const flag = asked(context) ?? "MS_SLAVE";
  return ["MS_REC", flag === "MS_UNBINDABLE" ? "MS_PRIVATE" : flag];
}

export function rootPath({ request, spec }: Pick<Context, "request" | "spec">): string {
  return posix.resolve(request.bundle, spec.root.path);
}

/** Where a mount table of its own is made, the container's mounts are its own; else they are on the host. */
function ownMounts({ isolation }: Pick<Context, "isolation">): boolean {
  return isolation.of("mount") === "new";
}

function hostOpensRoot({ isolation, facts }: Context): boolean {
  return isolation.of("user") !== "shared" && facts.host.euid === 0 && isolation.of("mount") === "new";
}

/** host: the directory may be out of reach for the container's root. */
export function handOverRoot(context: Context): Operation[] {
  if (!hostOpensRoot(context)) return [];
  const propagation = startingPropagation(context).filter((flag) => flag !== "MS_REC");
  const operations: Operation[] = [{ op: "tree", from, path: rootPath(context), flags: ["recursive"] }];
  if (!propagation.includes("MS_SHARED")) {
    operations.push({ op: "attributes", from, set: [], clear: [], propagation, flags: ["recursive"] });
  }
  return [...operations, { op: "give", from, slot: "tree" }, { op: "close", from, slot: "tree" }];
}

/** init: the root filesystem becomes a mount, ready for what is mounted on it. */
export function prepareRoot(context: Context): Operation[] {
  const path = rootPath(context);
  const operations: Operation[] = [];
  if (ownMounts(context)) {
    operations.push({ op: "propagation", from: propagationFrom, path: "/", flags: startingPropagation(context) });
  }
  operations.push(
    hostOpensRoot(context) ? { op: "take", from, slot: "tree" } : { op: "tree", from, path, flags: ["recursive"] },
  );
  // pivot_root(2) refuses a root whose parent is shared, and what is mounted there would spread to the host.
  const shield = asked(context) === "MS_SHARED" || !ownMounts(context);
  if (asked(context) === "MS_SHARED" && ownMounts(context)) {
    const flags = { op: "attributes", from: propagationFrom, set: [], clear: [], flags: [] } as const;
    operations.push({ ...flags, propagation: ["MS_PRIVATE"] });
  }
  operations.push({ op: "rootfs", from, path, flags: shield ? ["shield"] : [] });
  return operations;
}

/** init: read-only comes last, when every mount point has been made. */
export function readonlyRoot({ spec }: Pick<Context, "spec">): Operation[] {
  return spec.root.readonly === true ? [{ op: "readonly_root", from: "/root/readonly" }] : [];
}

/** init: no path of the host can be reached after this. */
export function enterRoot(context: Context): Operation[] {
  const { request } = context;
  // In a mount namespace that others use pivot_root(2) would move their root too.
  const how = !ownMounts(context) ? "chroot" : request.pivot ? "pivot" : "move";
  const operations: Operation[] = [{ op: "enter_root", from, how }];
  const final = asked(context);
  // MS_REC for none of them: mounts of their own propagation keep it.
  if (final === "MS_SHARED" || final === "MS_UNBINDABLE") {
    operations.push({ op: "propagation", from: propagationFrom, path: "/", flags: [final] });
  }
  return operations;
}

/** undo: without a mount namespace of its own the container's mounts outlive it. */
export function unmountRoot(context: Context): Operation[] {
  if (ownMounts(context)) return [];
  const joined = context.isolation.entries.find(({ type }) => type === "mount");
  return [{ op: "unmount", from, path: rootPath(context), namespace: joined?.path ?? "" }];
}
