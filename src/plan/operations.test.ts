/** The table of operations: every entry is whole, and reads well. */
import { test } from "tap";
import type { SlotUse } from "./definition.ts";
import { definitions, type Operation, SECTIONS, type Section } from "./operations.ts";
import type { SlotName } from "./slots.ts";
import { everyOperation } from "./testing/every-operation.ts";

const ALL = everyOperation();

test("every entry says what it is, where it may stand and how it reads", async (t) => {
  for (const operation of ALL) {
    const { about, places, says, shell } = definitions[operation.op];
    t.match(about, /[.)]\s*$/, `${operation.op}: a sentence`);
    t.ok(places.length > 0 && places.every((place) => place in SECTIONS), `${operation.op}: places`);
    for (const words of [says(operation), shell(operation)]) {
      t.ok(words.length > 0);
      t.notMatch(words, /undefined|\[object|NaN|CLONE_|MOUNT_ATTR|MS_/, `${operation.op}: ${words}`);
    }
    t.notMatch(says(operation), /[\n.]$/, `${operation.op}: no sentence, for an error goes on after it`);
  }
});

test("an argument that is a slot is read, filled or emptied", async (t) => {
  for (const operation of ALL) {
    const { args, slots } = definitions[operation.op];
    const named = Object.entries(args).filter(([, kind]) => kind.describe === "slot");
    if (named.length === 0) continue;
    const used = all(slots?.(operation, "init") ?? {});
    for (const [name] of named) {
      const slot = (operation as unknown as Record<string, SlotName>)[name];
      t.ok(slot && used.includes(slot), `${operation.op}: ${name}`);
    }
  }
});

function all({ reads = [], fills = [], empties = [] }: SlotUse): readonly SlotName[] {
  return [...reads, ...fills, ...empties];
}

const from = "test";

/** As a person would type it. */
const COMMANDS: readonly (readonly [Operation, string])[] = [
  [{ op: "mkdir", from, path: "/a b", mode: 0o700, flags: ["parents"] }, "mkdir -p -m 0700 '/a b'"],
  [{ op: "write", from, path: "/cg/memory.max", data: "10", mode: 0, flags: [] }, "echo 10 > /cg/memory.max"],
  [
    { op: "write", from, path: ["/proc/", { slot: "pid" }, "/uid_map"], data: "0 1 2\n", mode: 0, flags: ["optional"] },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is how a shell writes it.
    "echo '0 1 2' > \"/proc/${pid}/uid_map\" || true",
  ],
  [{ op: "write", from, path: "/x", data: "a\n", mode: 0, flags: ["create"] }, "printf %s 'a\n' > /x"],
  [
    { op: "clone", from, flags: ["CLONE_NEWNS", "CLONE_NEWPID"], into: "init", preserve: 0, cgroup: "" },
    "unshare --fork --mount --pid init & pid=$!",
  ],
  [{ op: "clone", from, flags: [], into: "stage", preserve: 0, cgroup: "" }, "stage & stage=$!"],
  [{ op: "unshare", from, flags: ["CLONE_NEWUSER"] }, "unshare --user"],
  [
    { op: "setns", from, slot: "namespace_network", types: ["CLONE_NEWNET"], flags: [] },
    "nsenter --net=/dev/fd/$namespace_network",
  ],
  [
    { op: "setns", from, slot: "container", types: ["CLONE_NEWNS", "CLONE_NEWPID"], flags: [] },
    "nsenter --target $container --mount --pid",
  ],
  [{ op: "propagation", from, path: "/", flags: ["MS_REC", "MS_SLAVE"] }, "mount --make-rslave /"],
  [
    {
      op: "attributes",
      from,
      set: ["MOUNT_ATTR_NOSUID"],
      clear: ["MOUNT_ATTR_RDONLY"],
      propagation: [],
      flags: ["recursive"],
    },
    'mount -o remount,bind,nosuid=recursive,rw=recursive "$TREE"',
  ],
  [
    { op: "attributes", from, set: [], clear: [], propagation: ["MS_PRIVATE"], flags: ["recursive"] },
    'mount --make-rprivate "$TREE"',
  ],
  [
    {
      op: "mount",
      from,
      type: "tmpfs",
      source: "tmpfs",
      target: "/dev",
      flags: [],
      set: ["MOUNT_ATTR_NOSUID"],
      data: "mode=755",
      or_bind: "",
      options: [],
    },
    'mount -t tmpfs -o nosuid,mode=755 tmpfs "$ROOT"/dev',
  ],
  [{ op: "symlink", from, path: "/dev/fd", target: "/proc/self/fd", flags: [] }, 'ln -s /proc/self/fd "$ROOT"/dev/fd'],
  [
    { op: "node", from, path: "/dev/null", type: "character", major: 1, minor: 3, mode: 0o666, uid: 0, gid: 0 },
    'mknod -m 0666 "$ROOT"/dev/null c 1 3',
  ],
  [{ op: "bounding", from, mask: 0x21n }, "setpriv --bounding-set=-all,+chown,+kill"],
  [{ op: "bounding", from, mask: (1n << 64n) - 1n }, "setpriv --bounding-set=+all"],
  [{ op: "capabilities", from, effective: 0, permitted: 0, inheritable: 0, ambient: 0 }, "capsh --caps=="],
  [
    { op: "capabilities", from, effective: 1, permitted: 0x21, inheritable: 0x20, ambient: 0x20 },
    "capsh --caps='cap_chown=ep cap_kill=ip' --addamb=cap_kill",
  ],
  [{ op: "credentials", from, uid: 1, gid: 2, groups: [3, 4], flags: [] }, "setpriv --reuid=1 --regid=2 --groups=3,4"],
  [
    { op: "rlimit", from, resource: 7, soft: 1024, hard: (1n << 64n) - 1n, name: "RLIMIT_NOFILE" },
    "prlimit --nofile=1024:unlimited",
  ],
  [{ op: "exec", from, args: ["sh", "-c", "id"], env: ["A=b c"], preserve: 0 }, "exec env -i 'A=b c' sh -c id"],
];

test("commands", async (t) => {
  for (const [operation, command] of COMMANDS) t.equal(definitions[operation.op].shell(operation), command);
});

/** In a message an errno follows. */
const MESSAGES: readonly (readonly [Operation, string])[] = [
  [
    { op: "clone", from, flags: ["CLONE_NEWNS", "CLONE_NEWPID"], into: "init", preserve: 0, cgroup: "" },
    "start init in new namespaces (mount, pid)",
  ],
  [{ op: "unshare", from, flags: ["CLONE_NEWUSER"] }, "make a new user namespace"],
  [{ op: "setns", from, slot: "namespace_network", types: ["CLONE_NEWNET"], flags: [] }, "join the network namespace"],
  [
    { op: "attributes", from, set: ["MOUNT_ATTR_NOSUID"], clear: [], propagation: ["MS_SLAVE"], flags: [] },
    "make the mount nosuid, slave",
  ],
  [{ op: "wait", from, step: "ready" }, "wait for the setup of the container"],
];

test("messages", async (t) => {
  for (const [operation, words] of MESSAGES) t.equal(definitions[operation.op].says(operation), words);
});

test("only what may run twice stands in undo", async (t) => {
  const undo = Object.entries(definitions).filter(([, { places }]) => places.includes("undo" satisfies Section));
  t.same(undo.map(([name]) => name).sort(), [
    "identity",
    "kill",
    "kill_cgroup",
    "remove",
    "rmdir_cgroup",
    "spawn",
    "unmount",
    "warn",
    "write",
  ]);
});
