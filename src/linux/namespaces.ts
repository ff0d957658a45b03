/**
 * linux.namespaces (config-linux.md, "Namespaces"): which processes a plan needs, and in which order namespaces are made
 * and joined.
 *
 * Without a user namespace init is cloned straight into its new namespaces. A user namespace, or a pid namespace to
 * join, needs an intermediate process, the stage: user namespaces must be entered before the namespaces that they own
 * are made, and a pid namespace only takes the children of the process that joins it.
 */
import { pointer } from "../base/pointer.ts";
import { type CloneFlag, NAMESPACES, type NamespaceType } from "../kernel/namespaces.ts";
import type { Operation } from "../plan/operations.ts";
import type { SlotName } from "../plan/slots.ts";
import type { Namespace, Spec } from "../spec/generated/config.ts";

export interface Isolation {
  /** "new", "joined", or "shared" with the runtime. */
  readonly of: (type: NamespaceType) => "new" | "joined" | "shared";
  readonly needsStage: boolean;
  readonly entries: readonly NamespaceEntry[];
}

/** Of the container, for its setting-up. */
/** As whom a user namespace is set up. */
export interface Ids {
  readonly uid: number;
  readonly gid: number;
}

const ALL = (1n << 64n) - 1n;
const ALL_CAPABILITIES = { effective: ALL, permitted: ALL, inheritable: 0, ambient: 0 } as const;

export interface NamespaceEntry {
  readonly type: NamespaceType;
  readonly path: string | undefined;
  readonly from: string;
}

/** Flags of one clone(2) or unshare(2); cgroup and time namespaces are made by init itself, later. */
const MADE_TOGETHER: readonly NamespaceType[] = ["mount", "uts", "ipc", "network", "pid"];

/** Reads the namespaces of config.json; rules.ts has refused duplicates. */
export function isolationOf(spec: Spec): Isolation {
  const namespaces: readonly Namespace[] = spec.linux?.namespaces ?? [];
  const entries = namespaces.map(({ type, path }, index) => ({
    type,
    path,
    from: pointer("/linux/namespaces", index),
  }));
  const of = (type: NamespaceType) => {
    const entry = entries.find((candidate) => candidate.type === type);
    if (!entry) return "shared";
    return entry.path === undefined ? "new" : "joined";
  };
  return { of, entries, needsStage: of("user") !== "shared" || of("pid") === "joined" };
}

/** The slot that holds a namespace to join. */
function namespaceSlot(type: NamespaceType): SlotName {
  return `namespace_${type}`;
}

/** host: opens the namespaces to join, while their paths can be reached. */
export function openNamespaces(isolation: Isolation): Operation[] {
  return isolation.entries.flatMap(({ type, path, from }) =>
    path === undefined
      ? []
      : [{ op: "open", from, into: namespaceSlot(type), path, open: ["O_RDONLY", "O_CLOEXEC"], flags: ["namespace"] }],
  );
}

/** The flags of the namespaces that are new and made at one stroke. */
export function newNamespaces(isolation: Isolation): CloneFlag[] {
  return MADE_TOGETHER.filter((type) => isolation.of(type) === "new").map((type) => NAMESPACES[type].flag);
}

const from = "/linux/namespaces";

/** stage: everything up to the clone of init. */
export function stageOperations(isolation: Isolation, ids: Ids, preserveFds: number): Operation[] {
  const user = isolation.of("user");
  const others = isolation.entries.filter((entry) => entry.path !== undefined && entry.type !== "user");
  const unshared = newNamespaces(isolation);
  const operations: Operation[] = [];
  // Namespaces of the host are joined with the host's privileges, those of the user namespace with its own. Nothing
  // says which is which, so what the first try may not join, the second must.
  const mixed = user !== "shared";
  const joins = (attempt: readonly ("first_try" | "second_try")[]): Operation[] =>
    others.map(({ type, from: entry }) => ({
      op: "setns",
      from: entry,
      slot: namespaceSlot(type),
      types: [NAMESPACES[type].flag],
      flags: attempt,
    }));
  operations.push(...joins(mixed ? ["first_try"] : []));
  operations.push(...enterUserNamespace(isolation, ids));
  if (mixed) operations.push(...joins(["second_try"]));
  if (unshared.length > 0) operations.push({ op: "unshare", from, flags: unshared });
  operations.push({ op: "clone", from, flags: [], into: "init", preserve: preserveFds, cgroup: "" });
  return operations;
}

function enterUserNamespace(isolation: Isolation, ids: Ids): Operation[] {
  const operations: Operation[] = [];
  const entry = isolation.entries.find(({ type }) => type === "user");
  if (!entry) return operations;
  if (isolation.of("user") === "joined") {
    operations.push({
      op: "setns",
      from: entry.from,
      slot: "namespace_user",
      types: ["CLONE_NEWUSER"],
      flags: [],
    });
  } else {
    operations.push(
      { op: "unshare", from: entry.from, flags: ["CLONE_NEWUSER"] },
      { op: "wake", from: "ids", step: "unshared" },
      { op: "wait", from: "ids", step: "mapped" },
    );
  }
  return [...operations, ...becomeMapped(ids, "/linux/uidMappings")];
}

/** stage: becomes somebody in the user namespace that it has entered, with all capabilities there. */
export function becomeMapped({ uid, gid }: Ids, from: string): Operation[] {
  const operations: Operation[] = [{ op: "credentials", from, uid, gid, groups: [], flags: ["keep_groups"] }];
  // Whoever is not root loses the effective ones (capabilities(7)).
  if (uid !== 0) operations.push({ op: "capabilities", from, ...ALL_CAPABILITIES });
  return operations;
}

/** init: joins what no stage has joined. */
export function joinInInit(isolation: Isolation): Operation[] {
  if (isolation.needsStage) return [];
  return isolation.entries.flatMap(({ type, path, from: entry }): Operation[] =>
    path === undefined
      ? []
      : [{ op: "setns", from: entry, slot: namespaceSlot(type), types: [NAMESPACES[type].flag], flags: [] }],
  );
}
