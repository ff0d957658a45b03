/** How callers call: flags, files for the pid and the log, an empty environment (shared/CLI.md 1.0, 1.1, 2 and 3.4). */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { execa } from "execa";
import { baseConfig, e2e, refused, script, sleeper, succeeded } from "../harness.ts";

e2e("an empty environment, and another directory", async (t, box) => {
  const c = box.container(sleeper());
  const bare = { env: {}, cwd: "/", through: ["/usr/bin/env", "-i"] };
  succeeded(t, await c.create([], bare), "create");
  succeeded(t, await c.start(bare), "start");
  t.match(await c.state(bare), { status: "running" });
  succeeded(t, await c.exec(["true"], bare), "exec");
  succeeded(t, await box.tsoci(["ps", c.id], bare), "ps");
  succeeded(t, await c.kill("KILL", bare), "kill");
  await c.waitFor("stopped");
  succeeded(t, await c.delete([], bare), "delete");
  succeeded(t, await box.tsoci(["list"], bare), "list");
});

e2e("the caller's environment does not reach the container", async (t, box) => {
  const c = box.container(script("env"));
  const { stdout } = await c.run([], {
    env: { PATH: "/nowhere", SECRET: "x", NODE_OPTIONS: "--bad", LD_PRELOAD: "/x" },
  });
  const names = stdout
    .trim()
    .split("\n")
    .map((line) => line.split("=")[0]);
  t.strictSame(names.sort(), ["HOME", "PATH", "PWD", "SHLVL", "TSOCI_E2E"], "the shell adds PWD and SHLVL");
});

e2e("long flags with one dash or two, values with = or a space, before and after", async (t, box) => {
  const c = box.container(sleeper());
  const pidFile = box.path("pid");
  const global = ["-root", box.root, `--log=${box.path("log")}`, "-log-format=json", "--rootless=false"];
  succeeded(
    t,
    await box.tsoci(["create", "-bundle", c.bundle, `-pid-file=${pidFile}`, c.id], { global }),
    "before the id",
  );
  succeeded(t, await box.tsoci(["delete", c.id, "-force=true"], { global }), "delete");
  const after = ["create", c.id, "-no-new-keyring", "--bundle", c.bundle, "--no-subreaper", "--root", box.root];
  succeeded(t, await box.tsoci(after, { global: [] }), "after the id");
  succeeded(t, await box.tsoci(["delete", "--force", "--", c.id]), "-- ends the flags");
});

e2e("wrong command lines", async (t, box) => {
  const cases: [string[], string][] = [
    [["create", "--nope", "x"], "flag provided but not defined: -nope"],
    [["create", "x", "--pid-file"], "flag needs an argument: --pid-file"],
    [["start", "x", "y"], '"start" requires exactly 1 argument(s)'],
    [["state"], '"state" requires exactly 1 argument(s)'],
    [["frobnicate"], 'unknown command "frobnicate"'],
    [["--log-format", "yaml", "list"], "invalid log-format: yaml"],
  ];
  for (const [args, message] of cases) {
    const outcome = await box.tsoci(args);
    t.equal(outcome.code, 1);
    t.match(outcome.stderr.trimEnd().replace(/^tsoci: /, ""), message, args.join(" "));
    t.match(outcome.stderr, /^[^\n]+\n$/, "one line");
  }
});

e2e("the root directory can't hold the state", async (t, box) => {
  const bundle = box.bundle(baseConfig());
  const create = ["create", "--bundle", bundle, box.tag];
  refused(t, await box.tsoci(create, { global: ["--root", "/"] }), /--root must not be the root directory$/, "/");
  refused(
    t,
    await box.tsoci(create, { global: ["--root", ""], cwd: "/" }),
    /--root must not be the root directory$/,
    '""',
  );
});

e2e("the state root is made private, and refused when others could write to it", async (t, box) => {
  const c = box.container(sleeper());
  const root = box.path("state", "deeper");
  const global = ["--root", root];
  succeeded(t, await c.create([], { global }), "create");
  t.equal(statSync(root).mode & 0o7777, 0o700);
  t.equal(statSync(join(root, c.id)).mode & 0o7777, 0o711);
  succeeded(t, await c.delete(["--force"], { global }), "delete");
  chmodSync(root, 0o777);
  refused(
    t,
    await c.create([], { global }),
    /^create failed: .*state\/deeper/,
    "a state root that others can write to",
  );
  t.strictSame(readdirSync(root), []);
  rmdirSync(root);
});

e2e("the pid file holds the pid alone", async (t, box) => {
  const c = box.container(baseConfig());
  const absolute = box.path("init.pid");
  await c.create(["--pid-file", absolute]);
  t.equal(readFileSync(absolute, "utf8"), String(await c.pid()));
  await c.delete(["--force"]);
  await c.create(["--pid-file", "relative.pid"], { cwd: box.directory });
  t.equal(readFileSync(box.path("relative.pid"), "utf8"), String(await c.pid()), "counts from the caller's directory");
  await c.delete(["--force"]);
  writeFileSync(absolute, "12345678901234567890");
  await c.create(["--pid-file", absolute]);
  t.equal(readFileSync(absolute, "utf8"), String(await c.pid()), "replaces an older one");
});

e2e("a pid file that can't be written fails create, which leaves nothing", async (t, box) => {
  const c = box.container(baseConfig());
  const path = box.path("missing", "pid");
  refused(t, await c.create(["--pid-file", path]), `create failed: write ${path}: no such file or directory`, "create");
  refused(t, await c.stateOutcome(), "container does not exist", "state");
});

e2e("the log file: text, JSON, one line for each failure", async (t, box) => {
  const log = box.path("log");
  const lines = () => readFileSync(log, "utf8").split("\n").slice(0, -1);
  const global = (format: string) => ["--root", box.root, "--log", log, "--log-format", format];
  const c = box.container(sleeper());
  succeeded(t, await c.create([], { global: global("json") }), "create");
  succeeded(t, await c.start({ global: global("json") }), "start");
  t.strictSame(existsSync(log) ? lines() : [], [], "nothing to say");
  refused(
    t,
    await c.start({ global: global("json") }),
    "cannot start an already running container",
    "stderr has it too",
  );
  const line = JSON.parse(lines()[0] ?? "");
  t.match(line, { level: "error", msg: "cannot start an already running container" });
  t.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
  await c.start({ global: global("text") });
  t.match(lines()[1], /^time="[^"]+" level=error msg="cannot start an already running container"$/);
  await box.tsoci(["create", "--bundle", box.path('no"such'), "x"], { global: global("json") });
  t.equal(lines().length, 3, "appended");
  t.match(JSON.parse(lines()[2] ?? ""), { level: "error", msg: /^create failed: / });
});

e2e("version, features, help and spec need nothing", async (t, box) => {
  const bare = {
    env: {},
    cwd: "/",
    global: [],
    through: ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"],
  };
  const version = await box.tsoci(["--version"], bare);
  succeeded(t, version, "--version");
  const [first, ...rest] = version.stdout.trimEnd().split("\n");
  t.match(first, /^tsoci version \d+\.\d+\.\d+/);
  t.notOk(
    rest.some((line) => line.includes("version")),
    "Docker would take a later line",
  );
  t.ok(rest.some((line) => line.startsWith("spec: 1.")));
  const features = await box.tsoci(["features"], bare);
  succeeded(t, features, "features");
  t.ok(JSON.parse(features.stdout).linux);
  for (const args of [["--help"], ["create", "--help"], ["help"], ["exec", "-h"]]) {
    succeeded(t, await box.tsoci(args, bare), args.join(" "));
  }
});

e2e("spec writes an example that runs", async (t, box) => {
  const bundle = box.bundle(baseConfig());
  refused(t, await box.tsoci(["spec", "-b", bundle]), "File config.json exists. Remove it first", "a file is there");
  rmSync(join(bundle, "config.json"));
  succeeded(t, await box.tsoci(["spec", "-b", bundle]), "spec");
  const text = readFileSync(join(bundle, "config.json"), "utf8").replace('"terminal": true', '"terminal": false');
  writeFileSync(join(bundle, "config.json"), text);
  const outcome = await box.tsoci(["run", "-b", bundle, box.tag], { input: "hostname; exit 9\n" });
  t.strictSame([outcome.code, outcome.stdout, outcome.stderr], [9, "tsoci\n", ""]);
});

e2e("tsoci finds its planner through a link and with no PATH", async (t, box) => {
  const link = box.path("linked", "tsoci");
  mkdirSync(box.path("linked"));
  symlinkSync(box.engine.tsoci, link);
  const { code, stdout } = await box.tsoci(["list", "-q"], { env: {}, through: [], global: ["--root", box.root] });
  t.strictSame([code, stdout], [0, ""]);

  const linked = await execa(link, ["--root", box.root, "list", "-q"], { env: {}, extendEnv: false, reject: false });
  t.equal(linked.exitCode, 0, linked.stderr);
});

e2e("a failure of a bundle that is named by a relative path", async (t, box) => {
  const mounts = [{ destination: "/data", type: "bind", source: "missing", options: ["bind"] }];
  const { bundle, id } = box.container(baseConfig({ mounts }));
  const from = { cwd: dirname(bundle) };
  for (const command of ["create", "run"]) {
    const message = `${command} failed: /mounts/0: open ${join(bundle, "missing")} for binding: no such file or directory`;
    refused(t, await box.tsoci([command, "-b", basename(bundle), id], from), message, command);
  }
});
