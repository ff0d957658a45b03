/** `exec`: another process in a container (shared/CLI.md 1.2). */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { HIERARCHIES, place } from "../harness/cgroups.ts";
import {
  type Box,
  baseConfig,
  type Container,
  cgroupOf,
  cgroupsNamed,
  e2e,
  namespaceOf,
  refused,
  sleeper,
  statusField,
  succeeded,
  until,
} from "../harness.ts";

async function running(box: Box, change = {}): Promise<Container> {
  const c = box.container(sleeper(change));
  await c.run(["-d"]);
  return c;
}

const sh = (text: string) => ["sh", "-c", text];

e2e("exec runs a process and exits as it does", async (t, box) => {
  const c = await running(box);
  const outcome = await c.exec(sh("cat; echo err >&2; exit 7"), { input: "typed" });
  t.match(outcome, { code: 7, stdout: "typed", stderr: "err\n" });
  t.equal((await c.exec(sh("kill -9 $$"))).code, 137);
  t.equal((await c.exec(["true"])).code, 0);
  t.equal((await c.exec(["echo", "-n", "--", "-d"])).stdout, "-- -d", "flags after the id are the program's");
  t.equal(await c.status(), "running");
});

e2e("flags of exec", async (t, box) => {
  const c = await running(box, { process: { env: ["PATH=/bin", "A=1"], cwd: "/tmp" } });
  const out = async (flags: string[], text: string) => {
    const outcome = await c.exec(sh(text), undefined, flags);
    succeeded(t, outcome, flags.join(" "));
    return outcome.stdout;
  };
  t.equal(await out([], "echo $A; pwd; id -u; umask"), `1\n/tmp\n0\n${process.umask().toString(8).padStart(4, "0")}\n`);
  t.equal(await out(["-e", "A=2", "--env", "B=x y"], 'echo "$A $B"'), "2 x y\n");
  t.equal(await out(["--cwd", "/etc"], "pwd"), "/etc\n");
  t.equal(await out(["-u", "1000"], "id -u; id -g; echo $HOME"), "1000\n0\n/home/user\n");
  t.equal(
    await out(["--user=1000:2000", "-g", "7", "--additional-gids=8"], "id -u; id -g; id -G"),
    "1000\n2000\n2000 7 8\n",
  );
  const caps = "grep ^Cap /proc/self/status";
  const base = await out([], caps);
  const more = await out(["--cap", "CAP_SYS_PTRACE", "-c", "CAP_NET_ADMIN"], caps);
  const added = (1n << 19n) | (1n << 12n);
  const mask = (text: string, name: string) => BigInt(`0x${new RegExp(`${name}:\\s+(\\w+)`).exec(text)?.[1]}`);
  for (const name of ["CapPrm", "CapEff", "CapBnd"]) t.equal(mask(more, name), mask(base, name) | added, name);
  for (const name of ["CapInh", "CapAmb"]) t.equal(mask(more, name), 0n, name);
  t.match(await out([], "grep NoNewPrivs /proc/self/status"), /1$/m);
  t.match(await out(["--no-new-privs=false"], "grep NoNewPrivs /proc/self/status"), /0$/m);
});

e2e("bad flags of exec", async (t, box) => {
  const c = await running(box);
  const bad = async (flags: string[], message: RegExp, status: number) =>
    refused(t, await c.exec(["true"], undefined, flags), message, flags.join(" "), status);
  for (const user of ["a", "1:", ":1", "-1", "4294967295", "4294967296", "1x", ""]) {
    await bad([`--user=${user}`], /^bad [ug]id: /, 1);
  }
  await bad(["-g", "-5"], /-5/, 1);
  await bad(["--cwd", "relative"], /^exec failed: .*cwd/, 255);
  await bad(["-e", "NOVALUE"], /^exec failed: invalid environment variable: there is no "=" in "NOVALUE"$/, 255);
  refused(t, await c.exec([]), "exec failed: exec args cannot be empty", "no command", 255);
  await bad(["-t", "-d"], /cannot allocate tty if tsoci will detach without setting console socket$/, 255);
  t.equal(await c.status(), "running");
});

e2e("an unknown capability is left out with a warning", async (t, box) => {
  const c = await running(box);
  const { code, stderr } = await c.exec(["true"], undefined, ["--cap", "CAP_NOPE"]);
  t.equal(code, 0);
  t.match(stderr, /^tsoci: warning: .*unknown capability "CAP_NOPE" is left out\n/);
});

e2e("a program that can't be executed", async (t, box) => {
  const c = await running(box);
  const cases: [string, string][] = [
    ["nothere", 'exec: "nothere": executable file not found in $PATH'],
    ["/bin/nothere", 'exec: "/bin/nothere": stat /bin/nothere: no such file or directory'],
    ["/etc/passwd", 'exec: "/etc/passwd": permission denied'],
    ["/etc", 'exec: "/etc": is a directory: permission denied'],
  ];
  for (const [file, message] of cases) {
    refused(t, await c.exec([file]), `exec failed: /process/args/0: ${message}`, file, 255);
  }
  t.equal(await c.status(), "running", "the container is untouched");
});

e2e("exec --detach with a pid file", async (t, box) => {
  const c = await running(box);
  const pidFile = box.path("exec.pid");
  succeeded(t, await c.exec(["sleep", "1000"], undefined, ["-d", "--pid-file", pidFile]), "exec -d");
  const pid = Number(readFileSync(pidFile, "utf8"));
  t.equal(String(pid), readFileSync(pidFile, "utf8"));
  t.equal(readFileSync(`/proc/${pid}/cmdline`, "utf8"), "sleep\x001000\0");
  const init = await c.pid();
  for (const file of ["pid", "mnt", "net", "ipc", "uts", "cgroup"])
    t.equal(namespaceOf(pid, file), namespaceOf(init, file), file);
  t.equal(readFileSync(`/proc/${pid}/cgroup`, "utf8"), readFileSync(`/proc/${init}/cgroup`, "utf8"), "its cgroups");
  const { stdout } = await box.tsoci(["ps", "-f", "json", c.id]);
  t.ok(JSON.parse(stdout).includes(pid));
  await c.kill("KILL");
  await until("it went with the container", () => statusField(pid, "State") === undefined);
});

e2e("exec -p takes everything from a file", async (t, box) => {
  const c = await running(box, { process: { env: ["PATH=/bin", "A=1"] } });
  const file = box.path("process.json");
  const write = (value: unknown) => writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));
  const full = {
    args: ["sh", "-c", 'echo "$A $B"; pwd; id -u; id -G; umask; ulimit -n; grep CapEff /proc/self/status'],
    env: ["PATH=/bin", "B=2"],
    cwd: "/tmp",
    user: { uid: 5, gid: 6, umask: 0o27, additionalGids: [7] },
    rlimits: [{ type: "RLIMIT_NOFILE", soft: 64, hard: 128 }],
    oomScoreAdj: 321,
  };
  write(full);
  const { code, stdout, stderr } = await c.exec([], undefined, ["-p", file, "--cwd", "/ignored"]);
  t.strictSame({ code, stderr }, { code: 0, stderr: "" });
  t.equal(stdout, " 2\n/tmp\n5\n6 7\n0027\n64\nCapEff:\t0000000000000000\n");
  write("{");
  refused(t, await c.exec([], undefined, ["--process", file]), /^exec failed: .*process\.json/, "broken JSON", 255);
  write({ ...full, cwd: "relative" });
  refused(t, await c.exec([], undefined, ["--process", file]), /^exec failed: \/cwd: /, "relative cwd", 255);
  write({ ...full, args: [] });
  refused(t, await c.exec([], undefined, ["--process", file]), /^exec failed: \/args: /, "no args", 255);
});

e2e("exec into a created container, not into a stopped one", async (t, box) => {
  const c = box.container(sleeper());
  await c.create();
  t.match(await c.exec(sh("echo $$")), { code: 0, stderr: "" });
  t.equal(await c.status(), "created");
  succeeded(t, await c.start(), "start");
  await c.kill("KILL");
  await c.waitFor("stopped");
  refused(t, await c.exec(["true"]), "exec failed: cannot exec in a stopped container", "stopped", 255);
});

e2e("no descriptor and no cgroup of the host is seen by exec", async (t, box) => {
  const c = await running(box);
  const through = ["sh", "-c", 'exec 9</; exec "$0" "$@"'];
  const { stdout } = await c.exec(sh("ls /proc/self/fd | tr '\\n' ' '; readlink /proc/self/cwd"), { through });
  t.equal(stdout, "0 1 2 3 /\n");
  const { stdout: cgroups } = await c.exec(["cat", "/proc/self/cgroup"]);
  t.notMatch(cgroups, box.tag);
  t.ok(cgroupsNamed((name) => name === c.id).length > 0);
});

e2e("cwd made by exec, and one that is a file", async (t, box) => {
  const c = await running(box);
  t.equal((await c.exec(["pwd"], undefined, ["--cwd", "/made/below"])).stdout, "/made/below\n");
  const outcome = await c.exec(["true"], undefined, ["--cwd", "/etc/passwd"]);
  refused(
    t,
    outcome,
    'exec failed: /process/cwd: chdir to cwd ("/etc/passwd") set in config.json: not a directory',
    "a file",
    255,
  );
  t.equal(await c.status(), "running");
});

e2e("exec where the container joined and shares namespaces", async (t, box) => {
  const other = await running(box);
  const pid = await other.pid();
  const change = {
    hostname: undefined,
    linux: {
      namespaces: [
        { type: "mount" },
        { type: "pid" },
        { type: "network", path: `/proc/${pid}/ns/net` },
        { type: "uts", path: `/proc/${pid}/ns/uts` },
      ],
    },
  };
  const c = await running(box, change);
  await c.exec(["sleep", "1000"], undefined, ["-d", "--pid-file", box.path("pid")]);
  const inside = Number(readFileSync(box.path("pid"), "utf8"));
  const init = await c.pid();
  for (const file of ["mnt", "pid"]) t.equal(namespaceOf(inside, file), namespaceOf(init, file), file);
  for (const file of ["net", "uts"]) t.equal(namespaceOf(inside, file), namespaceOf(pid, file), file);
  for (const file of ["ipc", "user"]) t.equal(namespaceOf(inside, file), namespaceOf("self", file), file);
});

e2e("exec into a container of a user namespace", async (t, box) => {
  const mapping = [{ containerID: 0, hostID: 100000, size: 65536 }];
  const types = ["user", "mount", "pid", "ipc", "uts", "network", "cgroup"].map((type) => ({ type }));
  const c = await running(box, { linux: { namespaces: types, uidMappings: mapping, gidMappings: mapping } });
  const pid = await c.pid();
  t.equal(statusField(pid, "Uid"), "100000\t100000\t100000\t100000");
  const { stdout } = await c.exec(sh("id -u; id -g; id -G; cat /proc/self/uid_map"), undefined, [
    "-u",
    "5:6",
    "-g",
    "7",
  ]);
  t.match(stdout, /^5\n6\n6 7\n +0 +100000 +65536\n$/);
  await c.exec(["sleep", "1000"], undefined, ["-d", "-u", "5:6", "--pid-file", box.path("pid")]);
  const inside = Number(readFileSync(box.path("pid"), "utf8"));
  t.equal(statusField(inside, "Uid"), "100005\t100005\t100005\t100005");
  t.equal(namespaceOf(inside, "user"), namespaceOf(pid, "user"));
});

e2e("a container without a process can be entered", async (t, box) => {
  const c = box.container(baseConfig({ process: undefined }));
  await c.create();
  const outcome = await c.exec(["/bin/echo", "hello"]);
  t.match(outcome, { code: 0, stdout: "hello\n", stderr: "" });
});

const CPU_IS_V1 = HIERARCHIES.some(({ type, superOptions }) => type === "cgroup" && superOptions.includes("cpu"));

e2e(
  "exec --cgroup: a cgroup below the container's, for some controllers of v1 or all of v2",
  async (t, box) => {
    const c = await running(box);
    const cgroup = CPU_IS_V1 ? place(await c.pid(), "cpu") : cgroupOf(await c.pid(), "");
    const prefix = CPU_IS_V1 ? "cpu:" : "";
    const cgroups = () => readFileSync(`/proc/${Number(readFileSync(box.path("pid"), "utf8"))}/cgroup`, "utf8");
    mkdirSync(`${cgroup}/below`);
    const flags = ["-d", "--pid-file", box.path("pid"), "--cgroup", `${prefix}below`];
    succeeded(t, await c.exec(["sleep", "1000"], undefined, flags), "exec");
    t.match(cgroups(), new RegExp(`${CPU_IS_V1 ? "cpu[^:]*" : "0:"}:.*/${c.id}/below$`, "m"));
    if (CPU_IS_V1) t.match(cgroups(), new RegExp(`:memory:.*/${c.id}$`, "m"), "the others stay");
    for (const [argument, message] of [
      [`${prefix}missing`, /^exec failed: .*missing\/.*: no such file or directory$/],
      [`${prefix}../..`, "exec failed: ../.. is not a sub cgroup path"],
      ["nope:below", "exec failed: invalid --cgroup argument: nope:below (no cgroup of the controller nope)"],
    ] as const) {
      refused(t, await c.exec(["true"], undefined, ["--cgroup", argument]), message, argument, 255);
    }
    t.equal(await c.status(), "running");
  },
  { skip: HIERARCHIES.length > 0 ? false : "this host has no cgroups" },
);
