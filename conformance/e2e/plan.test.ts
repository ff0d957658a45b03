/** `plan`, `explain` and `validate` need no root and touch nothing. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyTo } from "../harness/engines.ts";
import { baseConfig, type Config, e2e, merge, refused, script, succeeded } from "../harness.ts";

const NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];

const RICH: Config = merge(script("true"), {
  linux: { resources: { memory: { limit: 10_485_760 }, pids: { limit: 10 } }, maskedPaths: ["/proc/kcore"] },
  hooks: { createRuntime: [{ path: "/bin/true" }] },
});

e2e("plan and explain as nobody: output, no state, no effect", async (t, box) => {
  const c = box.container(RICH);
  const look = () => execFileSync("find", [c.bundle, "-printf", "%p %i %T@ %m\\n"], { encoding: "utf8" });
  const before = look();
  const options = { through: NOBODY, engine: copyTo(box.path("bin"), box.engine) };
  for (const command of ["plan", "explain"]) {
    for (const format of ["text", "json"]) {
      const args = [command, "--format", format, "-b", c.bundle, c.id];
      const outcome = await box.tsoci(args, options);
      succeeded(t, outcome, `${command} ${format}`);
      const created = (text: string) => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "NOW");
      if (format === "json") t.ok(JSON.parse(outcome.stdout));
      else t.equal(created(outcome.stdout), created((await box.tsoci(args)).stdout), `${command}: as root would`);
    }
  }
  t.notOk(existsSync(box.root), "no state root");
  t.equal(look(), before, "the bundle is as before");
});

e2e("plan as nobody: what nobody could run is planned for nobody", async (t, box) => {
  const one = [{ containerID: 0, hostID: 65534, size: 1 }];
  const namespaces = ["user", "mount", "pid"].map((type) => ({ type }));
  const config = { hostname: undefined, linux: { namespaces, uidMappings: one, gidMappings: one } };
  const c = box.container(script("true", config));
  const options = { through: NOBODY, engine: copyTo(box.path("bin"), box.engine) };
  const mapped = await box.tsoci(["plan", "-b", c.bundle, c.id], options);
  succeeded(t, mapped, "a user namespace");
  t.match(mapped.stdout, /^host +\/linux\/gidMappings .*setgroups/m, "as nobody");
  const asRoot = await box.tsoci(["plan", "-b", box.bundle(RICH), c.id], {
    ...options,
    global: [],
    env: { XDG_RUNTIME_DIR: "/x" },
  });
  succeeded(t, asRoot, "no user namespace");
  t.match(asRoot.stdout, /^host +--root +mkdir \/run\/tsoci$/m, "root's state directory");
  const asNobody = await box.tsoci(["--rootless=true", "plan", "-b", box.bundle(RICH), c.id], options);
  refused(t, asNobody, /rootless/, "when asked for");
});

e2e("explain shows shell commands with the entry behind each", async (t, box) => {
  const c = box.container(RICH);
  const { stdout } = await box.tsoci(["explain", "-b", c.bundle, c.id]);
  t.match(stdout, /^host +\/linux\/resources\/memory\/limit +echo 10485760 > \S*memory/m);
  t.match(stdout, /^init +\/mounts\/0 +mount -t proc/m);
  t.match(stdout, /^init +\/linux\/maskedPaths\/0 +/m);
  t.match(stdout, /pivot_root/);
});

e2e("plan of a broken configuration fails as create does", async (t, box) => {
  const bundle = box.bundle(baseConfig({ process: { cwd: "relative" } }));
  refused(t, await box.tsoci(["plan", "-b", bundle]), /^\/process\/cwd: /, "plan");
});

e2e(
  "a plan and what is done are the same: no system call of plan changes anything",
  async (t, box) => {
    const c = box.container(RICH);
    const strace = [
      "strace",
      "-f",
      "-qq",
      "-o",
      box.path("trace"),
      "-e",
      "trace=mount,mkdir,mkdirat,unlink,unlinkat,rename,renameat,renameat2,chmod,fchmod,fchmodat,chown,lchown,fchownat,symlink,symlinkat,mknod,mknodat,pivot_root,setns,unshare,sethostname,umount2,link,linkat,truncate,ftruncate",
    ];
    succeeded(t, await box.tsoci(["plan", "-b", c.bundle, c.id], { through: strace }), "plan");
    const calls = readFileSync(box.path("trace"), "utf8")
      .split("\n")
      .filter((line) => line !== "" && !/ = -1 |\+\+\+|---/.test(line));
    // The memory that the plan is passed in, and the engine's own.
    t.strictSame(
      calls.filter((line) => !/ftruncate\(/.test(line)),
      [],
    );
  },
  { skip: existsSync("/usr/bin/strace") ? false : "strace is not installed" },
);

e2e("validate reports every problem with its place", async (t, box) => {
  const bundle = box.bundle(baseConfig());
  const text = JSON.stringify(baseConfig({ process: { cwd: "relative", env: ["A=b", 7] }, hostname: 5 }), undefined, 2);
  writeFileSync(join(bundle, "config.json"), text);
  const outcome = await box.tsoci(["validate", "-b", bundle], {
    through: NOBODY,
    engine: copyTo(box.path("bin"), box.engine),
  });
  t.equal(outcome.code, 1);
  const line = (needle: string) => text.slice(0, text.indexOf(needle)).split("\n").length;
  for (const [pointer, needle] of [
    ["/process/cwd", '"relative"'],
    ["/process/env/1", "7"],
    ["/hostname", '"hostname": 5'],
  ] as const) {
    t.match(outcome.stdout, new RegExp(`^config\\.json:${line(needle)}:\\d+: ${pointer}: `, "m"), pointer);
  }
  t.match(outcome.stderr, /^tsoci: .*config\.json: 3 problems\n$/);
  const json = JSON.parse((await box.tsoci(["validate", "--format", "json", "-b", bundle])).stdout);
  t.strictSame(json.map((finding: { pointer: string }) => finding.pointer).sort(), [
    "/hostname",
    "/process/cwd",
    "/process/env/1",
  ]);
});

e2e("validate tells what only this host objects to", async (t, box) => {
  const mounts = [{ destination: "/x", source: box.path("missing"), options: ["bind"] }];
  const { code, stdout } = await box.tsoci(["validate", "-b", box.bundle(baseConfig({ mounts }))]);
  t.equal(code, 1);
  t.match(stdout, /^config\.json:\d+:\d+: \/mounts\/0\/source: .*\[this host\]\n$/m);
  const good = await box.tsoci(["validate", "-b", box.bundle(baseConfig())]);
  succeeded(t, good, "a good one");
  t.equal(good.stdout, "");
});
