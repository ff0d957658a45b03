/** The systemd driver: the container's cgroup is a transient scope. `npm run vm -- --systemd conformance/e2e/systemd.test.ts` */
import { chownSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa, execaSync } from "execa";
import { UNIFIED } from "../harness/cgroups.ts";
import { asUser, noUserNamespaces, only, owned, UID } from "../harness/ordinary-user.ts";
import {
  type Box,
  type Config,
  type Container,
  e2e,
  merge,
  read,
  refused,
  sleeper,
  succeeded,
  until,
} from "../harness.ts";

const RUNS = existsSync("/run/systemd/system");
const skip = RUNS ? (UNIFIED ? false : "this host has no pure cgroup v2") : "systemd does not run on this host";
const ROOT = "/sys/fs/cgroup";

/** Why ordinary users have no systemd of their own here; false: this one has. Started before any test looks at mounts. */
const noManager = (() => {
  if (!RUNS) return false;
  const start = execaSync("systemctl", ["start", `user@${UID}.service`], { reject: false });
  return existsSync(`/run/user/${UID}/bus`) ? false : `user ${UID} has no systemd with a bus: ${start.stderr}`;
})();

const globalOf = (box: Box) => ["--root", box.root, "--systemd-cgroup"];

/** A sleeping container, and the name of its unit. */
function scoped(box: Box, change: Config = {}, slice = "system.slice"): { c: Container; unit: string } {
  const name = `${box.tag}-${box.containers.length}`;
  const c = box.container(sleeper(merge({ linux: { cgroupsPath: `${slice}:e2e:${name}` } }, change)));
  return { c, unit: `e2e-${name}.scope` };
}

const create = (box: Box, c: Container) => c.create([], { global: globalOf(box) });

/** Property → value, as systemd shows it. */
function show(unit: string, ...names: readonly string[]): Record<string, string> {
  const { stdout } = execaSync("systemctl", ["show", unit, ...names.map((name) => `--property=${name}`)]);
  const entries = stdout
    .split("\n")
    .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]);
  return Object.fromEntries(entries);
}

const gone = (unit: string) => until(`${unit} is gone`, () => show(unit, "LoadState").LoadState === "not-found");

e2e(
  "the container runs in a delegated scope of its slice; delete removes it",
  async (t, box) => {
    const { c, unit } = scoped(box);
    succeeded(t, await create(box, c), "create");
    const pid = await c.pid();
    t.equal(read(`/proc/${pid}/cgroup`), `0::/system.slice/${unit}\n`);
    t.strictSame(show(unit, "ActiveState", "Slice", "Delegate", "DefaultDependencies", "MemoryAccounting"), {
      ActiveState: "active",
      Slice: "system.slice",
      Delegate: "yes",
      DefaultDependencies: "no",
      MemoryAccounting: "yes",
    });
    succeeded(t, await c.start(), "start, without the flag");
    succeeded(t, await c.exec(["true"]), "exec");
    succeeded(t, await c.delete(["--force"]), "delete --force, without the flag");
    await gone(unit);
    t.notOk(existsSync(`${ROOT}/system.slice/${unit}`));
  },
  { skip },
);

e2e(
  "a nested slice is made; an empty one is system.slice, without a path the name is tsoci-ID",
  async (t, box) => {
    const { c, unit } = scoped(box, {}, "e2etsoci-pod.slice");
    succeeded(t, await create(box, c), "create");
    t.equal(read(`/proc/${await c.pid()}/cgroup`), `0::/e2etsoci.slice/e2etsoci-pod.slice/${unit}\n`);
    succeeded(t, await c.delete(["--force"]), "delete");
    await gone(unit);
    await execa("systemctl", ["stop", "e2etsoci.slice"]);
    const plain = box.container(sleeper());
    succeeded(t, await create(box, plain), "create");
    t.equal(read(`/proc/${await plain.pid()}/cgroup`), `0::/system.slice/tsoci-${plain.id}.scope\n`);
  },
  { skip },
);

e2e(
  "limits are properties of the unit and exact in its files, those that systemd does not know too",
  async (t, box) => {
    const resources = {
      memory: { limit: 64 << 20, swap: 96 << 20, reservation: 32 << 20 },
      cpu: { shares: 512, quota: 12345, period: 100_000, cpus: "0-1", mems: "0" },
      pids: { limit: 17 },
      unified: { "memory.high": "50331648", "cgroup.max.depth": "3" },
    };
    const { c, unit } = scoped(box, { linux: { resources } });
    succeeded(t, await create(box, c), "create");
    const names = [
      "MemoryMax",
      "MemoryHigh",
      "MemoryLow",
      "MemorySwapMax",
      "CPUQuotaPerSecUSec",
      "TasksMax",
      "AllowedCPUs",
    ];
    const asked = show(unit, ...names, "AllowedMemoryNodes", "DevicePolicy");
    t.strictSame(asked, {
      MemoryMax: `${64 << 20}`,
      MemoryHigh: "50331648",
      MemoryLow: `${32 << 20}`,
      MemorySwapMax: `${32 << 20}`,
      CPUQuotaPerSecUSec: "130ms",
      TasksMax: "17",
      AllowedCPUs: "0-1",
      AllowedMemoryNodes: "0",
      DevicePolicy: "strict",
    });
    const file = (name: string) => read(join(ROOT, "system.slice", unit, name))?.trim();
    t.equal(file("memory.max"), `${64 << 20}`);
    t.equal(file("cpu.max"), "12345 100000", "not rounded");
    t.equal(file("pids.max"), "17");
    t.equal(file("cgroup.max.depth"), "3");
    const { CPUWeight } = show(unit, "CPUWeight");
    t.equal(file("cpu.weight"), CPUWeight);
    await execa("systemctl", ["daemon-reload"]);
    t.equal(file("memory.max"), `${64 << 20}`, "after a reload");
    succeeded(t, await c.start(), "start");
    succeeded(t, await c.exec(["sh", "-c", "echo > /dev/null && head -c 1 /dev/zero > /dev/null"]), "devices");
  },
  { skip },
);

e2e(
  "update changes the properties, and nothing when a limit is refused",
  async (t, box) => {
    const { c, unit } = scoped(box, { linux: { resources: { pids: { limit: 17 } } } });
    succeeded(t, await create(box, c), "create");
    succeeded(t, await c.start(), "start");
    const update = ["update", "--memory", "67108864", "--pids-limit", "23", "--cpu-quota", "50000", c.id];
    succeeded(t, await box.tsoci(update), "update, without the flag");
    const names = ["MemoryMax", "TasksMax", "CPUQuotaPerSecUSec"];
    const limits = { MemoryMax: "67108864", TasksMax: "23", CPUQuotaPerSecUSec: "500ms" };
    t.strictSame(show(unit, ...names), limits);
    await execa("systemctl", ["daemon-reload"]);
    t.equal(read(join(ROOT, "system.slice", unit, "pids.max")), "23\n");
    const input = JSON.stringify({ pids: { limit: 5 }, unified: { "memory.nonsense": "1" } });
    t.not((await box.tsoci(["update", "--resources", "-", c.id], { input })).code, 0);
    t.strictSame(show(unit, ...names), limits, "taken back");
    t.equal(read(join(ROOT, "system.slice", unit, "pids.max")), "23\n");
  },
  { skip },
);

e2e(
  "annotations are properties; wrong ones are refused",
  async (t, box) => {
    const annotations = {
      "org.systemd.property.TimeoutStopSec": "7",
      "org.systemd.property.After": "['basic.target']",
      "org.systemd.property.CollectMode": "'inactive-or-failed'",
    };
    const { c, unit } = scoped(box, { annotations });
    succeeded(t, await create(box, c), "create");
    const shown = show(unit, "TimeoutStopUSec", "After", "CollectMode");
    t.match(shown, { TimeoutStopUSec: "7s", After: /basic\.target/, CollectMode: "inactive-or-failed" });
    const wrong = (value: string) =>
      scoped(box, { annotations: { "org.systemd.property.Description": value } }, "a.slice");
    refused(
      t,
      await create(box, wrong("hello").c),
      "create failed: /annotations/org.systemd.property.Description: value parse error: hello is no value of D-Bus in GVariant's form",
      "no quotes",
    );
    const unknown = await create(box, scoped(box, { annotations: { "org.systemd.property.Nonsense": "true" } }).c);
    t.not(unknown.code, 0);
    t.match(unknown.stderr, /\/linux\/cgroupsPath: run busctl .*StartTransientUnit .*Cannot set property Nonsense/);
  },
  { skip },
);

e2e(
  "a unit of that name in another slice is refused and survives",
  async (t, box) => {
    const { c, unit } = scoped(box);
    succeeded(t, await create(box, c), "create");
    const name = unit.replace(/^e2e-|\.scope$/g, "");
    const second = await create(box, box.container(sleeper({ linux: { cgroupsPath: `e2etsoci.slice:e2e:${name}` } })));
    t.not(second.code, 0);
    t.match(second.stderr, /was already loaded/);
    t.equal(await c.status(), "created");
    t.equal(show(unit, "ActiveState").ActiveState, "active");
  },
  { skip },
);

e2e(
  "a cgroup of somebody else is refused and survives",
  async (t, box) => {
    const { c, unit } = scoped(box);
    const name = unit.replace(/\.scope$/, "");
    const other = execa("systemd-run", ["--scope", `--unit=${name}`, "sleep", "1000"], { reject: false });
    await until(`${unit} runs`, () => show(unit, "ActiveState").ActiveState === "active");
    const outcome = await create(box, c);
    t.not(outcome.code, 0);
    t.match(outcome.stderr, /cgroup is not empty/);
    t.equal(show(unit, "ActiveState").ActiveState, "active");
    await execa("systemctl", ["stop", unit]);
    await other;
  },
  { skip },
);

e2e(
  "a failed unit of that name does not stand in the way",
  async (t, box) => {
    const { c, unit } = scoped(box);
    const name = unit.replace(/\.scope$/, "");
    const scope = ["--scope", `--unit=${name}`, "--property=RuntimeMaxSec=1", "sleep", "1000"];
    await execa("systemd-run", scope, { reject: false });
    t.equal(show(unit, "ActiveState").ActiveState, "failed");
    succeeded(t, await create(box, c), "create");
    t.equal(show(unit, "ActiveState").ActiveState, "active");
  },
  { skip },
);

e2e(
  "with a user namespace, and pause, kill and delete of a stopped container",
  async (t, box) => {
    const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    const namespaces = ["pid", "mount", "user", "uts", "ipc", "network", "cgroup"].map((type) => ({ type }));
    const { c, unit } = scoped(box, { linux: { namespaces, uidMappings: ids, gidMappings: ids } });
    succeeded(t, await create(box, c), "create");
    const pid = await c.pid();
    t.equal(readFileSync(`/proc/${pid}/cgroup`, "utf8"), `0::/system.slice/${unit}\n`);
    succeeded(t, await c.start(), "start");
    succeeded(t, await box.tsoci(["pause", c.id]), "pause");
    t.equal(await c.status(), "paused");
    succeeded(t, await box.tsoci(["resume", c.id]), "resume");
    succeeded(t, await c.kill("KILL"), "kill");
    await c.waitFor("stopped");
    await gone(unit);
    succeeded(t, await c.delete(), "delete");
  },
  { skip },
);

e2e(
  "an ordinary user: the user's own systemd, asked from outside of its cgroups",
  async (t, box) => {
    mkdirSync(box.root);
    chownSync(box.root, UID, UID);
    const { through = [], engine } = asUser(box);
    const env = { PATH: "/usr/bin:/bin", XDG_RUNTIME_DIR: `/run/user/${UID}` };
    const options = { through, env, ...(engine ? { engine } : {}) };
    const user = { ...options, global: globalOf(box) };
    const later = { ...options, global: ["--root", box.root] };
    const unitOf = (id: string) => `/user.slice/user-${UID}.slice/user@${UID}.service/user.slice/tsoci-${id}.scope`;
    const limits = { linux: { resources: { pids: { limit: 17 } } } };
    const c = owned(box.container(sleeper(only(limits))));
    succeeded(t, await c.create([], user), "create");
    const { pid } = await c.state(later);
    t.equal(read(`/proc/${pid}/cgroup`), `0::${unitOf(c.id)}\n`);
    t.equal(read(`${ROOT}${unitOf(c.id)}/pids.max`), "17\n");
    succeeded(t, await c.start(later), "start");
    const inside = await c.exec(["cat", "/proc/1/cgroup", "/proc/self/cgroup"], later);
    t.equal(inside.code, 0, inside.stderr);
    const [first, self] = inside.stdout.split("\n");
    t.equal(self, first, "exec is where init is");
    succeeded(t, await box.tsoci(["update", "--pids-limit", "23", c.id], later), "update");
    t.equal(read(`${ROOT}${unitOf(c.id)}/pids.max`), "23\n");
    // As root, and without the environment that leads to the user's bus.
    succeeded(t, await c.delete(["--force"]), "delete");
    t.notOk(existsSync(`${ROOT}${unitOf(c.id)}`));
  },
  { skip: skip || noUserNamespaces || noManager },
);

e2e(
  "wrong names are refused",
  async (t, box) => {
    const c = (cgroupsPath: string) => box.container(sleeper({ linux: { cgroupsPath } }));
    const at = "create failed: /linux/cgroupsPath: ";
    const form = 'expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "/a/b" instead';
    refused(t, await create(box, c("/a/b")), `${at}${form}`, "a path");
    refused(t, await create(box, c("a:b:c")), `${at}invalid slice name: a`, "no slice");
    refused(t, await create(box, c("a.slice:b:../c")), `${at}invalid unit name: b-../c.scope`, "slashes");
  },
  { skip },
);

e2e(
  "without systemd it is refused",
  async (t, box) => {
    const c = box.container(sleeper());
    const message =
      "create failed: systemd cgroup driver: systemd does not run on this host: there is no /run/systemd/system (--cgroup-manager cgroupfs needs none)";
    for (const flag of [["--systemd-cgroup"], ["--cgroup-manager", "systemd"]]) {
      refused(t, await c.create([], { global: ["--root", box.root, ...flag] }), message, flag.join(" "));
    }
  },
  { skip: RUNS ? "systemd runs on this host" : false },
);
