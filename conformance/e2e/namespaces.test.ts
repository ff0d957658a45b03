/** linux.namespaces: each of the eight types new, shared with the host, or joined, in combination. */
import {
  type Box,
  baseConfig,
  type Config,
  combinationsOfThree,
  e2e,
  everyCombination,
  MOUNTS,
  namespaceHolder,
  namespaceOf,
  nothingLeft,
  refused,
  script,
  succeeded,
  type Test,
} from "../harness.ts";

const TYPES = ["user", "mount", "pid", "network", "ipc", "uts", "cgroup", "time"] as const;
type Type = (typeof TYPES)[number];
type State = "shared" | "new" | "joined";
type Combination = Readonly<Record<Type, State>>;

/** Names of the files in /proc/PID/ns. */
const FILES: Readonly<Record<Type, string>> = {
  user: "user",
  mount: "mnt",
  pid: "pid",
  network: "net",
  ipc: "ipc",
  uts: "uts",
  cgroup: "cgroup",
  time: "time",
};

const MAPPINGS = [{ containerID: 0, hostID: 100000, size: 65536 }];

/** Where a user namespace has no rights over the ipc namespace the host's /dev/mqueue is bound, which few hosts have. */
const mounts = MOUNTS.filter(({ type }) => type !== "mqueue");

function configOf(combination: Combination, pid: number): Config {
  const list = TYPES.filter((type) => combination[type] !== "shared").map((type) =>
    combination[type] === "new" ? { type } : { type, path: `/proc/${pid}/ns/${FILES[type]}` },
  );
  const linux = {
    namespaces: list,
    ...(combination.user === "new" ? { uidMappings: MAPPINGS, gidMappings: MAPPINGS } : {}),
  };
  return baseConfig({ hostname: undefined, mounts, linux }, combination.uts === "new" ? { hostname: "combined" } : {});
}

/** The kernel lets nobody mount in a mount namespace that a user namespace of somebody else owns. */
function isImpossible({ user, mount, pid }: Combination, holderHasUser: boolean): boolean {
  // No right to a proc that shows the joined pid namespace; the host's would show other processes.
  if (user === "new" && pid === "joined") return true;
  if (user === "shared" || mount === "new") return false;
  return mount === "shared" || !(holderHasUser && user === "joined");
}

async function check(t: Test, box: Box, combination: Combination, pid: number, holderHasUser: boolean): Promise<void> {
  const name = TYPES.map((type) => `${type}:${combination[type]}`).join(" ");
  const c = box.container(configOf(combination, pid));
  const outcome = await c.create();
  if (isImpossible(combination, holderHasUser)) {
    t.equal(outcome.code, 1, name);
    t.match(outcome.stderr, /^tsoci: create failed: [^\n]+\n$/, name);
    return;
  }
  t.strictSame({ code: outcome.code, stderr: outcome.stderr }, { code: 0, stderr: "" }, name);
  if (outcome.code !== 0) return;
  const init = await c.pid();
  for (const type of TYPES) {
    const [own, host, other] = [init, "self" as const, pid].map((who) => namespaceOf(who, FILES[type]));
    const expected = own === host ? "shared" : own === other ? "joined" : "new";
    if (expected !== combination[type]) t.equal(expected, combination[type], `${name}: ${type}`);
  }
  succeeded(t, await c.start(), name);
  await c.waitFor("stopped");
  succeeded(t, await c.delete(), name);
}

e2e("any three types, new, shared and joined, of namespaces that the host owns", async (t, box) => {
  const { pid, end } = await namespaceHolder(box, false);
  for (const row of combinationsOfThree(TYPES, ["shared", "new", "joined"])) {
    // The holder has no user namespace of its own.
    if (row.user !== "joined") await check(t, box, row, pid, false);
  }
  await end();
});

e2e("any three types, new, shared and joined, of namespaces that a user namespace owns", async (t, box) => {
  const { pid, end } = await namespaceHolder(box, true);
  for (const row of combinationsOfThree(TYPES, ["shared", "new", "joined"])) {
    // A user namespace that is new has no rights over those of the holder's.
    const foreign = row.user === "new" && Object.values(row).includes("joined");
    if (!foreign) await check(t, box, row, pid, true);
  }
  await end();
});

e2e(
  "every combination of new and shared",
  async (t, box) => {
    const rows = everyCombination(TYPES, ["shared", "new"]);
    // Three at a time.
    const work = async () => {
      for (let row = rows.pop(); row !== undefined; row = rows.pop()) await check(t, box, row, process.pid, false);
    };
    await Promise.all([work(), work(), work()]);
  },
  { once: true },
);

e2e("the loopback device is up in a new network namespace, and left alone in one that is joined", async (t, box) => {
  const { pid, end } = await namespaceHolder(box, false);
  const networks = [
    { entry: { type: "network" }, address: "127.0.0.1/8\n" },
    { entry: { type: "network", path: `/proc/${pid}/ns/net` }, address: "" },
  ];
  const others = ["mount", "pid", "ipc", "uts"].map((type) => ({ type }));
  for (const user of [[], [{ type: "user" }]]) {
    const mappings = user.length > 0 ? { uidMappings: MAPPINGS, gidMappings: MAPPINGS } : {};
    for (const { entry, address } of networks) {
      const linux = { namespaces: [...others, ...user, entry], ...mappings };
      const c = box.container(script("ip -4 -o address show lo | awk '{print $4}'", { linux }));
      const { code, stdout, stderr } = await c.run();
      t.strictSame({ code, stdout, stderr }, { code: 0, stdout: address, stderr: "" });
    }
  }
  await end();
});

e2e("a path of another type of namespace is refused, and undoing it says nothing", async (t, box) => {
  for (const type of TYPES) {
    const others = TYPES.filter((other) => other !== type).map((other) => ({ type: other }));
    const path = `/proc/${process.pid}/ns/${type === "uts" ? "ipc" : "uts"}`;
    const namespaces = [...others.filter((other) => other.type !== "user"), { type, path }];
    const c = box.container(baseConfig({ hostname: undefined, linux: { namespaces } }));
    const message = new RegExp(
      `^create failed: /linux/namespaces/${namespaces.length - 1}: join the ${type} namespace: ` +
        "not a namespace of this type, or one that can't be joined from here: invalid argument$",
    );
    refused(t, await c.create(), message, type);
    await nothingLeft(t, box);
  }
});
