/** The plan itself is golden: bundles/systemd. */
import { test } from "tap";
import { type FixtureName, recordedFacts } from "../../../facts/recorded.ts";
import type { Operation } from "../../../plan/operations.ts";
import { planCgroupJoin } from "../exec.ts";
import { type Case, planOn } from "../golden.ts";
import { scopeOf } from "./scope-name.ts";

const SYSTEMD = { annotations: undefined, session: {} };
const UNIT = "system.slice:p:demo";
const SCOPE = "/sys/fs/cgroup/system.slice/p-demo.scope";

const plan = (change: Case = {}) => planOn("v2-systemd", { cgroupsPath: UNIT, systemd: SYSTEMD, ...change });

const commands = (operations: readonly Operation[]) =>
  operations.map((operation) => (operation.op === "spawn" ? operation.args.slice(-2).join(" ") : operation.op));

test("systemd makes the cgroup with init in it; nothing is made before", async (t) => {
  const { create, join, undo, paths } = plan();
  t.strictSame(create, []);
  t.strictSame(commands(join).slice(1), ["start p-demo.scope", "cgroup", "device_filter"]);
  t.match(join[2], { flags: [] }, "it is not empty");
  t.strictSame(commands(undo), ["kill_cgroup", "stop p-demo.scope", "reset-failed p-demo.scope", "rmdir_cgroup"]);
  t.strictSame(paths, { "": SCOPE });
});

test("a unit that systemd still knows is reset first", async (t) => {
  const { join } = plan({ more: { "/run/systemd/transient/p-demo.scope": "" } });
  t.equal(commands(join)[0], "reset-failed p-demo.scope");
  t.match(join[0], { flags: ["optional"] });
});

test("a cgroup with processes is refused before systemd is asked", async (t) => {
  t.throws(() => plan({ more: { [`${SCOPE}/cgroup.procs`]: "12\n" } }), { code: "state", message: /not empty/ });
});

test("the manager of an ordinary user, also from a user namespace", async (t) => {
  const manager = "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service";
  const systemd = ["/run/systemd/system", "/usr/bin/busctl", "/usr/bin/systemctl", "/run/user/1000/systemd/private"];
  const more = Object.fromEntries(systemd.map((path) => [path, ""]));
  const user = (change: Case = {}) =>
    planOn("v2-rootless", { cgroupsPath: "", systemd: SYSTEMD, more: { ...more, ...change.more }, ...change });
  const { join, paths } = user();
  t.strictSame(paths, { "": `${manager}/user.slice/tsoci-demo.scope` });
  const env = ["XDG_RUNTIME_DIR=/run/user/1000", "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus"];
  t.match(join[0], { from: "--systemd-cgroup", args: ["busctl", "--user"], env });
  t.notOk(JSON.stringify(join[0]).includes("DevicePolicy"));
  const session = { address: "unix:path=/x", runtimeDirectory: "/run/user/1000" };
  const asked = user({ systemd: { annotations: undefined, session } }).join[0];
  t.match(asked, { env: ["XDG_RUNTIME_DIR=/run/user/1000", "DBUS_SESSION_BUS_ADDRESS=unix:path=/x"] });
  const { host } = recordedFacts("v2-rootless");
  const inside = { ...more, "/proc/self/uid_map": "         0       1000          1\n" };
  const asRoot = user({ host: { ...host, euid: 0, userNamespace: true }, more: inside }).join[0];
  t.match(asRoot, { args: ["busctl", "--user"], env }, "who owns the bus is the user outside");
  const nobody = { annotations: undefined, session: { runtimeDirectory: "/run/user/7" } };
  t.throws(() => user({ systemd: nobody }), { code: "host", message: /no systemd runs for user 1000/ });
});

test("exec: an ordinary user from outside of the manager's cgroups asks systemd to move the process", async (t) => {
  const manager = {
    scope: "--user",
    busctl: "/usr/bin/busctl",
    systemctl: "/usr/bin/systemctl",
    env: ["A=b"],
  } as const;
  const unit = scopeOf(":p:demo", "demo", "user.slice");
  const at = "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/user.slice/p-demo.scope";
  const joined = (name: FixtureName, subPaths: readonly string[] = []) => {
    const managed = { unit, manager };
    return planCgroupJoin({
      paths: { "": at },
      subPaths,
      managed,
      ...recordedFacts(name, { [`${at}/cgroup.procs`]: "" }),
    });
  };
  t.match(joined("v2-rootless"), [{ op: "write", path: `${at}/cgroup.procs` }]);
  const [asked, ...more] = joined("v2-rootless-undelegated");
  t.strictSame(more, []);
  const call = ["AttachProcessesToUnit", "ssau", "p-demo.scope", "/", "1", [{ slot: "pid" }]];
  t.match(asked, { op: "spawn", env: ["A=b"] });
  t.strictSame(asked?.op === "spawn" && asked.args.slice(9), call);
  const [below] = joined("v2-rootless-undelegated", ["a/b"]);
  t.equal(below?.op === "spawn" && below.args[12], "/a/b");
});

test("hosts that it can't manage are refused", async (t) => {
  const on = (name: "v1" | "v2", more: Case["more"] = {}) =>
    planOn(name, { cgroupsPath: UNIT, systemd: SYSTEMD, more });
  t.throws(() => on("v2"), { code: "host", message: /^systemd cgroup driver: systemd does not run on this host/ });
  const booted = { "/run/systemd/system": null };
  t.throws(() => on("v1", booted), { code: "host", message: /needs cgroup v2 alone, and this host has v1/ });
  t.throws(() => on("v2", booted), { code: "host", message: /busctl was not found in \/usr\/bin/ });
});
