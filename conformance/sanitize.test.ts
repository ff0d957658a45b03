/** Every kind of work that the executor does, once, under the sanitizers. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { canFreeze } from "./harness/cgroups.ts";
import {
  Box,
  baseConfig,
  type Config,
  consoleSocket,
  dialogue,
  merge,
  mounts,
  nothingLeft,
  script,
  sleeper,
} from "./harness.ts";
import { sanitizedEngine, sanitizerReports } from "./sanitize.ts";

const root = process.geteuid?.() === 0;
const engine = root ? await sanitizedEngine() : undefined;
const skip = root ? (engine ? false : "gcc has no libasan and libubsan") : "needs root";

const MAPS = [{ containerID: 0, hostID: 100000, size: 65536 }];
const ALL = ["user", "mount", "pid", "ipc", "uts", "network", "cgroup"];

function sanitized(name: string, body: (t: Test, box: Box) => Promise<void>): void {
  test(name, { skip }, async (t) => {
    if (!engine) return;
    const box = new Box(engine);
    try {
      await body(t, box);
    } finally {
      await box.deleteAll();
      t.strictSame([...sanitizerReports(box.path("out")), ...sanitizerReports(box.directory)], [], "no report");
      await nothingLeft(t, box);
      box.clean();
    }
  });
}

sanitized("the sanitizers are there", async (t, box) => {
  const { stdout, stderr } = await box.tsoci(["--version"], { env: { ASAN_OPTIONS: "help=1" } });
  t.match(stdout, /tsoci/);
  t.match(stderr, /flags for AddressSanitizer/);
});

sanitized("create, start, state, list, ps, exec, kill, delete", async (t, box) => {
  const c = box.container(sleeper({ process: { rlimits: [{ type: "RLIMIT_NOFILE", soft: 32, hard: 64 }] } }));
  const pidFile = box.path("pid");
  t.equal((await c.create(["--pid-file", pidFile])).code, 0);
  t.equal(await c.status(), "created");
  t.equal((await c.start()).code, 0);
  t.equal(await c.status(), "running");
  t.equal((await box.tsoci(["list"])).code, 0);
  t.match((await box.tsoci(["ps", c.id])).stdout, /sleep/);
  const executed = await c.exec(["sh", "-c", "echo inside; exit 5"]);
  t.match(executed, { code: 5, stdout: "inside\n" });
  t.equal((await c.kill("KILL")).code, 0);
  await c.waitFor("stopped");
  t.equal((await c.delete()).code, 0);
});

sanitized("pause, resume, update, events, kill --all, kill and delete --regex", async (t, box) => {
  const c = box.container(sleeper());
  t.equal((await c.run(["-d"])).code, 0);
  const events = box.tsoci(["events", "--interval", "1ms", c.id]);
  const plain = [
    ...(canFreeze ? [["pause"], ["resume"]] : []),
    ["update", "--cpu-share", "512"],
    ["events", "--stats"],
  ];
  for (const words of plain) t.match(await box.tsoci([...words, c.id]), { code: 0, stderr: "" }, words.join(" "));
  t.match(await box.tsoci(["kill", "--all", c.id, "WINCH"]), { code: 0, stderr: "" });
  t.match(await box.tsoci(["update", "--cpu-quota", "1", c.id]), { code: 1, stderr: /invalid argument/ });
  t.match(await box.tsoci(["kill", "--regex", box.tag, "KILL"]), { code: 0, stderr: "" });
  await c.waitFor("stopped");
  t.match(await events, { code: 0, stderr: "" });
  t.match(await box.tsoci(["delete", "--regex", box.tag]), { code: 0, stderr: "" });
});

function hook(box: Box, name: string): Config {
  return { path: "/bin/sh", args: ["sh", "-c", `cat > ${box.path(name)}`], timeout: 5 };
}

sanitized("run with hooks, mounts, masks, seccomp, sysctl, a user", async (t, box) => {
  const source = box.path("source");
  mkdirSync(source);
  writeFileSync(join(source, "file"), "bound\n");
  const config = script("cat /data/file; id -u; hostname", {
    ...mounts(
      { destination: "/data", source, options: ["rbind", "ro", "nosuid"] },
      { destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["size=1m", "tmpcopyup"] },
      { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["ro"] },
    ),
    process: {
      user: { uid: 7, gid: 8, additionalGids: [9] },
      capabilities: { ambient: ["CAP_KILL"], inheritable: ["CAP_KILL"] },
    },
    hooks: {
      prestart: [hook(box, "prestart")],
      createRuntime: [hook(box, "createRuntime")],
      poststop: [hook(box, "poststop")],
    },
    root: { readonly: true },
    linux: {
      namespaces: [...ALL.filter((type) => type !== "user"), "time"].map((type) => ({ type })),
      timeOffsets: { boottime: { secs: 1000 } },
      maskedPaths: ["/proc/kcore", "/sys/firmware", "/missing"],
      readonlyPaths: ["/proc/sys"],
      sysctl: { "net.ipv4.ip_forward": "1" },
      devices: [{ path: "/dev/tsoci", type: "c", major: 1, minor: 3, fileMode: 0o600, uid: 7, gid: 8 }],
      resources: { pids: { limit: 100 }, devices: [{ allow: false, access: "rwm" }] },
      seccomp: { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["mkdir"], action: "SCMP_ACT_ERRNO" }] },
    },
  });
  const { code, stdout, stderr } = await box.container(config).run();
  t.strictSame({ code, stdout, stderr }, { code: 0, stdout: "bound\n7\ne2e\n", stderr: "" });
});

sanitized("a user namespace with everything else new", async (t, box) => {
  const linux = { namespaces: ALL.map((type) => ({ type })), uidMappings: MAPS, gidMappings: MAPS };
  const config = script("id -u; cat /proc/self/uid_map", { linux });
  const source = box.path("private");
  mkdirSync(source);
  chmodSync(source, 0o700);
  const bound = merge(config, mounts({ destination: "/data", source, options: ["bind"] }));
  const c = box.container(bound, (rootfs) => mkdirSync(join(rootfs, "data")));
  const { code, stdout, stderr } = await c.run();
  t.strictSame({ code, stderr }, { code: 0, stderr: "" });
  t.match(stdout, /^0\n +0 +100000 +65536\n$/);
});

sanitized("terminals", async (t, box) => {
  const text = script("tty; read x; echo got $x; exit 6", { process: { terminal: true } });
  const there = box.container(text);
  const receiver = await consoleSocket(box);
  t.equal((await there.create(["--console-socket", receiver.socket])).code, 0);
  t.equal((await there.start()).code, 0);
  receiver.type("hello\n");
  await receiver.says("got hello\r\n");
  await receiver.ended();
  const here = box.container(text);
  const typed = dialogue(box.engine.tsoci, ["--root", box.root, "run", "--bundle", here.bundle, here.id], box);
  await typed.says("/dev/pts/0");
  typed.type("there\n");
  await typed.says("got there");
  t.equal(await typed.ended(), 6);
});

sanitized("failures: of the planner, of init, of the program, of a hook", async (t, box) => {
  const failures: readonly (readonly [Config, number, RegExp])[] = [
    [script("true", { process: { cwd: "relative" } }), 1, /cwd/],
    [
      script("true", { mounts: [{ destination: "/x", source: "/no/such/thing", options: ["bind"] }] }),
      1,
      /no such file/,
    ],
    [baseConfig({ process: { args: ["/no/such/program"] } }), 1, /no such file/],
    [script("true", { hooks: { createRuntime: [{ path: "/bin/false" }] } }), 1, /exit status 1/],
  ];
  for (const [config, status, words] of failures) {
    const outcome = await box.container(config).run();
    t.equal(outcome.code, status, String(words));
    t.match(outcome.stderr, words);
  }
});
