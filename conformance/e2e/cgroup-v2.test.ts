/** What only pure cgroup v2 has: entered from the first instruction, a program for devices, io.max, the freezer's file. */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { place, UNIFIED, without } from "../harness/cgroups.ts";
import { type Config, e2e, MOUNTS, read, refused, script, sleeper, succeeded, until } from "../harness.ts";

const ROOT = "/sys/fs/cgroup";
const pure = UNIFIED ? false : "this host has no pure cgroup v2";
const skip = (controller: string) => pure || without(controller);

/** "254:0" of a disk of this host, of which nothing is asked. */
function disk(): string | undefined {
  const names = UNIFIED ? readdirSync("/sys/block").filter((name) => !/^(loop|ram|zram)/.test(name)) : [];
  return names.map((name) => read(`/sys/block/${name}/dev`)?.trim()).find((numbers) => numbers !== undefined);
}

e2e(
  "init never runs outside of its cgroup: a limit of one process holds for the first one",
  async (t, box) => {
    const change = { linux: { resources: { pids: { limit: 1 } } } };
    const { code, stderr } = await box.container(script("true & wait; echo done", change)).run();
    t.not(code, 0);
    t.match(stderr, /can't fork: Resource temporarily unavailable/);
  },
  { skip: skip("pids") },
);

e2e(
  "a cgroup namespace is rooted at the container's cgroup, and a cgroup mount shows it",
  async (t, box) => {
    const mounts = [...MOUNTS, { destination: ROOT, type: "cgroup", source: "cgroup", options: ["ro", "nosuid"] }];
    const text = `cat /proc/self/cgroup ${ROOT}/pids.max; cat ${ROOT}/cgroup.procs`;
    const change = { mounts, linux: { resources: { pids: { limit: 17 } } } };
    const { stdout, stderr } = await box.container(script(text, change)).run();
    t.equal(stdout, "0::/\n17\n1\n", stderr);
  },
  { skip: skip("pids") },
);

e2e(
  "io.max by device",
  async (t, box) => {
    const device = disk();
    if (device === undefined) throw new Error("no disk");
    const [major, minor] = device.split(":").map(Number);
    const rate = (value: number) => [{ major: major ?? 0, minor: minor ?? 0, rate: value }];
    const blockIO = {
      throttleReadBpsDevice: rate(1 << 20),
      throttleWriteBpsDevice: rate(2 << 20),
      throttleReadIOPSDevice: rate(100),
      throttleWriteIOPSDevice: rate(200),
    };
    const c = box.container(sleeper({ linux: { resources: { blockIO } } }));
    succeeded(t, await c.create(), "create");
    const text = read(join(place(await c.pid(), "io"), "io.max"));
    t.equal(text, `${device} rbps=1048576 wbps=2097152 riops=100 wiops=200\n`);
  },
  { skip: skip("io") || (disk() === undefined ? "this host has no disk" : false) },
);

e2e(
  "hugepageLimits: usage and reservations",
  async (t, box) => {
    const hugepageLimits = [{ pageSize: "2MB", limit: 4 << 20 }];
    const c = box.container(sleeper({ linux: { resources: { hugepageLimits } } }));
    succeeded(t, await c.create(), "create");
    const directory = place(await c.pid(), "hugetlb");
    for (const file of ["hugetlb.2MB.max", "hugetlb.2MB.rsvd.max"])
      t.equal(read(join(directory, file)), `${4 << 20}\n`, file);
  },
  { skip: skip("hugetlb") },
);

e2e(
  "unified: files as they are, over what was converted",
  async (t, box) => {
    const resources = {
      cpu: { shares: 1024 },
      unified: { "memory.high": "33554432", "cpu.weight": "77", "cgroup.max.depth": "3" },
    };
    const c = box.container(sleeper({ linux: { resources } }));
    succeeded(t, await c.create(), "create");
    const directory = place(await c.pid(), "memory");
    t.equal(read(join(directory, "memory.high")), "33554432\n");
    t.equal(read(join(directory, "cpu.weight")), "77\n");
    t.equal(read(join(directory, "cgroup.max.depth")), "3\n");
    const wrong = box.container(sleeper({ linux: { resources: { unified: { "memory.nonsense": "1" } } } }));
    refused(t, await wrong.create(), /^create failed: \/linux\/resources\/unified\/memory\.nonsense: /, "no such file");
  },
  { skip: skip("memory") || skip("cpu") },
);

e2e(
  "the device program: what no rule allows can be made, and not opened",
  async (t, box) => {
    const kmsg = (...devices: readonly Config[]) => {
      const text = "mknod /kmsg c 1 11; (: > /kmsg) && echo opened; echo x > /dev/null && echo null";
      return box.container(script(text, { linux: { resources: { devices: [{ allow: false }, ...devices] } } })).run();
    };
    const refused = await kmsg();
    t.equal(refused.stdout, "null\n");
    t.match(refused.stderr, /\/kmsg: Operation not permitted/);
    const allowed = await kmsg({ allow: true, type: "c", major: 1, minor: 11, access: "w" });
    t.strictSame([allowed.stdout, allowed.stderr], ["opened\nnull\n", ""]);
    const reading = await kmsg({ allow: true, type: "c", major: 1, minor: 11, access: "r" });
    t.equal(reading.stdout, "null\n", "another access");
  },
  { skip: pure },
);

e2e(
  "a frozen container is paused, and delete --force ends it",
  async (t, box) => {
    const c = box.container(sleeper());
    succeeded(t, await c.run(["-d"]), "run");
    const directory = place(await c.pid(), "");
    writeFileSync(join(directory, "cgroup.freeze"), "1");
    await until("it is frozen", () => read(join(directory, "cgroup.events"))?.includes("frozen 1"));
    t.equal(await c.status(), "paused");
    succeeded(t, await c.delete(["--force"]), "delete");
  },
  { skip: pure },
);

e2e(
  "a container with a cgroup namespace and a writable mount owns its cgroup, and may divide it",
  async (t, box) => {
    const map = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    const types = ["user", "pid", "network", "ipc", "uts", "mount", "cgroup"].map((type) => ({ type }));
    const mounts = [...MOUNTS, { destination: ROOT, type: "cgroup", source: "cgroup", options: ["rw", "nosuid"] }];
    const linux = { namespaces: types, uidMappings: map, gidMappings: map, resources: { pids: { limit: 20 } } };
    const text = `
      cd ${ROOT} && mkdir inner && echo 1 > inner/cgroup.procs && echo +pids > cgroup.subtree_control
      cat inner/pids.max /proc/self/cgroup; echo 30 > pids.max; cat pids.max`;
    const c = box.container(script(text, { mounts, linux } as Config));
    const { stdout, stderr } = await c.run();
    t.equal(stdout, "max\n0::/inner\n20\n", stderr);
    t.match(stderr, /pids\.max: Permission denied/, "limits stay the host's");
  },
  { skip: skip("pids") },
);

e2e(
  "controllers are enabled on the way down, and a cgroup with processes above is named",
  async (t, box) => {
    const above = join(ROOT, `${box.tag}-above`);
    mkdirSync(above);
    const cgroupsPath = `/${box.tag}-above/inner/c`;
    const c = box.container(sleeper({ linux: { cgroupsPath, resources: { pids: { limit: 9 } } } }));
    succeeded(t, await c.create(), "create");
    t.equal(read(join(ROOT, cgroupsPath, "pids.max")), "9\n");
    t.match(read(join(above, "cgroup.subtree_control")), /\bpids\b/);
    succeeded(t, await c.delete(["--force"]), "delete");
    t.strictSame(
      readdirSync(above, { withFileTypes: true }).filter((entry) => entry.isDirectory()),
      [],
    );
    rmdirSync(above);

    const busy = join(ROOT, `${box.tag}-busy`);
    mkdirSync(busy);
    const other = box.container(sleeper({ linux: { cgroupsPath: `/${box.tag}-other` } }));
    succeeded(t, await other.create(), "a process to put there");
    const pid = String(await other.pid());
    writeFileSync(join(busy, "cgroup.procs"), pid);
    const inside = { cgroupsPath: `/${box.tag}-busy/c`, resources: { pids: { limit: 9 } } };
    refused(
      t,
      await box.container(sleeper({ linux: inside })).create(),
      `create failed: /linux/resources/pids/limit: the pids controller can't be enabled below ${busy}, which has processes of its own`,
      "no internal processes",
    );
    t.equal(read(join(busy, "cgroup.subtree_control")), "", "nothing was changed");
    // What somebody else has done to it: cgroups below are there, and take no process.
    writeFileSync(join(busy, "cgroup.subtree_control"), "+pids");
    refused(
      t,
      await box.container(sleeper({ linux: { cgroupsPath: `/${box.tag}-busy/c` } })).create(),
      /^create failed: [^\n]*-busy\/c is below processes/,
      "a cgroup that takes no process",
    );
    succeeded(t, await other.delete(["--force"]), "delete");
    await until("it is empty", () => readFileSync(join(busy, "cgroup.procs"), "utf8") === "");
    rmdirSync(busy);
  },
  { skip: skip("pids") },
);

e2e(
  "exec joins the container's cgroup, also where the container has divided it",
  async (t, box) => {
    const c = box.container(sleeper({ linux: { resources: { pids: { limit: 50 } } } }));
    succeeded(t, await c.run(["-d"]), "run");
    const pid = await c.pid();
    const directory = place(pid, "");
    const cgroupOfExec = async () => {
      succeeded(t, await c.exec(["sleep", "1000"], undefined, ["-d", "--pid-file", box.path("pid")]), "exec");
      return place(Number(readFileSync(box.path("pid"), "utf8")), "");
    };
    t.equal(await cgroupOfExec(), directory);
    mkdirSync(join(directory, "leaf"));
    for (const process of readFileSync(join(directory, "cgroup.procs"), "utf8").trim().split("\n"))
      writeFileSync(join(directory, "leaf/cgroup.procs"), process);
    writeFileSync(join(directory, "cgroup.subtree_control"), "+pids");
    t.equal(await cgroupOfExec(), join(directory, "leaf"));
  },
  { skip: skip("pids") },
);
