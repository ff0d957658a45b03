/** linux.cgroupsPath, and cgroups as the container sees them. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { HIERARCHIES, place, UNIFIED, without } from "../harness/cgroups.ts";
import {
  cgroupsNamed,
  e2e,
  MOUNTS,
  nothingLeft,
  read,
  refused,
  script,
  sleeper,
  succeeded,
  until,
} from "../harness.ts";

e2e("init is in its cgroups of every hierarchy when create returns, and they go with it", async (t, box) => {
  const c = box.container(sleeper());
  await c.create();
  const pid = await c.pid();
  for (const line of (read(`/proc/${pid}/cgroup`) ?? "").trim().split("\n")) {
    const [, controllers = "", path = ""] = line.split(":");
    const mounted = HIERARCHIES.some(({ type, superOptions }) =>
      controllers === "" ? type === "cgroup2" : superOptions.includes(controllers.split(",")[0] ?? ""),
    );
    if (mounted) t.match(path, new RegExp(`/${c.id}$`), line);
  }
  succeeded(t, await c.delete(["--force"]), "delete");
  t.strictSame(
    cgroupsNamed((name) => name === c.id),
    [],
  );
});

e2e("cgroupsPath absolute, with parents made on demand and removed", async (t, box) => {
  const cgroupsPath = `/${box.tag}/a/b`;
  const c = box.container(sleeper({ linux: { cgroupsPath } }));
  succeeded(t, await c.create(), "create");
  const directory = place(await c.pid(), "pids");
  t.match(directory, new RegExp(`${cgroupsPath}$`));
  succeeded(t, await c.delete(["--force"]), "delete");
  await nothingLeft(t, box);
});

e2e("cgroupsPath relative", async (t, box) => {
  const c = box.container(sleeper({ linux: { cgroupsPath: `${box.tag}/relative` } }));
  succeeded(t, await c.create(), "create");
  t.match(place(await c.pid(), "pids"), new RegExp(`/${box.tag}/relative$`));
});

e2e("cgroupsPath can't lead out", async (t, box) => {
  const outside = box.path("outside");
  mkdirSync(outside);
  for (const cgroupsPath of [`../../../../../..${outside}/${box.tag}`, `/../../${box.tag}/../${box.tag}-x`]) {
    const c = box.container(sleeper({ linux: { cgroupsPath } }));
    const { code, stderr } = await c.create();
    if (code === 0) t.match(place(await c.pid(), "pids"), /^\/sys\/fs\/cgroup\//, cgroupsPath);
    else t.match(stderr, /^tsoci: create failed: \/linux\/cgroupsPath: [^\n]+\n$/);
    t.notOk(existsSync(join(outside, box.tag)));
    await c.delete(["--force"]);
  }
});

e2e("a cgroup that holds processes is refused, an empty one is used", async (t, box) => {
  const cgroupsPath = `/${box.tag}-there`;
  const mount = UNIFIED
    ? "/sys/fs/cgroup"
    : (HIERARCHIES.find(({ superOptions }) => superOptions.includes("pids"))?.target ?? "");
  const directory = join(mount, cgroupsPath);
  mkdirSync(directory);
  const first = box.container(sleeper({ linux: { cgroupsPath } }));
  succeeded(t, await first.create(), "an empty one");
  const second = box.container(sleeper({ linux: { cgroupsPath } }));
  refused(
    t,
    await second.create(),
    /^create failed: \/linux\/cgroupsPath: container's cgroup is not empty: 1 process\(es\) found in \//,
    "one in use",
  );
  t.equal(await first.status(), "created", "which is untouched");
  succeeded(t, await first.delete(["--force"]), "delete");
  t.ok(existsSync(directory), "it was there before");
  rmdirSync(directory);
});

/** Between the making of a cgroup and the first process in it there is time for another one to find it empty. */
const SLOWLY = existsSync("/usr/bin/strace")
  ? ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=clone", "-e", "inject=clone:delay_enter=200000"]
  : [];

e2e("of containers that want the same cgroup at the same time one wins, and lives", async (t, box) => {
  for (let round = 0; round < 5; round++) {
    const cgroupsPath = `/${box.tag}-same${round}`;
    const all = [1, 2, 3, 4].map(() => box.container(sleeper({ linux: { cgroupsPath } })));
    const outcomes = await Promise.all(all.map((c) => c.create([], { through: SLOWLY })));
    const [made, ...more] = all.filter((_, index) => outcomes[index]?.code === 0);
    t.strictSame(more, [], "one at most");
    for (const outcome of outcomes.filter(({ code }) => code !== 0)) {
      refused(t, outcome, /^create failed: .*container's cgroup is not empty: /, "the others");
    }
    t.equal(await made?.status(), "created", "it lives");
    if (made) succeeded(t, await made.delete(["--force"]), "delete");
  }
});

e2e(
  "cgroups that the container made go with it",
  async (t, box) => {
    const c = box.container(sleeper());
    await c.run(["-d"]);
    const directory = place(await c.pid(), "pids");
    for (const path of ["sub", "sub/deeper"]) mkdirSync(join(directory, path));
    const child = await c.exec(["sleep", "1000"], undefined, ["-d", "--pid-file", box.path("pid")]);
    succeeded(t, child, "exec");
    writeFileSync(join(directory, "sub/deeper/cgroup.procs"), readFileSync(box.path("pid")));
    t.match(JSON.parse((await box.tsoci(["ps", "-f", "json", c.id])).stdout).length, 3, "ps counts them");
    succeeded(t, await c.delete(["--force"]), "delete");
    await nothingLeft(t, box);
  },
  { skip: without("pids") },
);

e2e("delete does not mind that the cgroup is gone, or init elsewhere", async (t, box) => {
  const c = box.container(sleeper());
  await c.create();
  const pid = await c.pid();
  const own = place(pid, "pids");
  const other = join(dirname(own), `${box.tag}-other`);
  mkdirSync(other);
  writeFileSync(join(other, "cgroup.procs"), String(pid));
  if (UNIFIED) rmdirSync(own);
  succeeded(t, await c.delete(["--force"]), "delete");
  t.ok(existsSync(other), "a foreign cgroup is left alone");
  await until("it is empty", () => read(join(other, "cgroup.procs")) === "");
  rmdirSync(other);
});

e2e("a cgroup mount shows the container's own cgroups, read-only", async (t, box) => {
  const mounts = [
    ...MOUNTS,
    {
      destination: "/sys/fs/cgroup",
      type: "cgroup",
      source: "cgroup",
      options: ["nosuid", "noexec", "nodev", "relatime", "ro"],
    },
  ];
  const places = UNIFIED ? ["/sys/fs/cgroup"] : ["/sys/fs/cgroup", "/sys/fs/cgroup/pids"];
  const text = `cat /proc/self/cgroup; grep cgroup /proc/self/mountinfo; for d in ${places.join(" ")}; do mkdir $d/x; done`;
  const { stdout, stderr } = await box.container(script(text, { mounts })).run();
  t.notMatch(stdout, box.tag, "a cgroup namespace hides the path");
  t.ok(
    stdout
      .split("\n")
      .filter((line) => / - cgroup2? /.test(line))
      .every((line) => / ro[, ]/.test(line)),
  );
  t.equal(stderr.match(/Read-only file system/gi)?.length, places.length, stderr);
});

e2e("without a cgroup namespace the container still sees no cgroup but its own", async (t, box) => {
  const mounts = [...MOUNTS, { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["ro"] }];
  const namespaces = ["pid", "network", "ipc", "uts", "mount"].map((type) => ({ type }));
  const file = UNIFIED ? "/sys/fs/cgroup/cgroup.procs" : "/sys/fs/cgroup/pids/cgroup.procs";
  const { stdout, stderr } = await box
    .container(script(`wc -l < ${file}; mkdir /sys/fs/cgroup/pids/x`, { mounts, linux: { namespaces } }))
    .run();
  t.equal(stdout.trim(), "2", `the shell and wc: ${stderr}`);
  t.match(stderr, /Read-only file system|No such file/);
});

e2e("--cgroup-manager=disabled", async (t, box) => {
  const c = box.container(sleeper());
  const global = ["--root", box.root, "--cgroup-manager=disabled"];
  succeeded(t, await c.create([], { global }), "create");
  t.strictSame(
    cgroupsNamed((name) => name === c.id),
    [],
  );
  t.equal(read(`/proc/${await c.pid()}/cgroup`), read("/proc/self/cgroup"));
  succeeded(t, await c.delete(["--force"]), "delete");
});
