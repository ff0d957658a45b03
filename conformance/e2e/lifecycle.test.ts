/** create, start, kill, delete: statuses, messages and exit codes (shared/CLI.md 1.2 and 2.6). */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  baseConfig,
  dialogue,
  e2e,
  isAlive,
  nothingLeft,
  program,
  read,
  refused,
  script,
  sleeper,
  succeeded,
  until,
} from "../harness.ts";

e2e("a container from create to delete", async (t, box) => {
  const c = box.container(sleeper());
  succeeded(t, await c.create(), "create");
  const created = await c.state();
  t.equal(created.status, "created");
  t.ok(isAlive(created.pid));
  succeeded(t, await c.start(), "start");
  t.match(await c.state(), { status: "running", pid: created.pid });
  succeeded(t, await c.kill("KILL"), "kill");
  await c.waitFor("stopped");
  t.match(await c.state(), { status: "stopped", pid: 0 });
  succeeded(t, await c.delete(), "delete");
  await nothingLeft(t, box);
  refused(t, await c.stateOutcome(), "container does not exist", "state of what is gone");
});

e2e("start wants a created container", async (t, box) => {
  const c = box.container(sleeper());
  await c.create();
  succeeded(t, await c.start(), "start");
  refused(t, await c.start(), "cannot start an already running container", "start of a running container");
  t.equal(await c.status(), "running");
  await c.kill("KILL");
  await c.waitFor("stopped");
  refused(t, await c.start(), "cannot start a container that has stopped", "start of a stopped container");
  t.equal(await c.status(), "stopped");
});

e2e("delete wants a stopped container, or --force", async (t, box) => {
  const c = box.container(sleeper());
  await c.create();
  const { pid } = await c.state();
  const text = (status: string) => `cannot delete container ${c.id} that is not stopped: ${status} (use --force)`;
  refused(t, await c.delete(), text("created"), "delete of a created container");
  t.equal(await c.status(), "created");
  await c.start();
  refused(t, await c.delete(), text("running"), "delete of a running container");
  t.equal(await c.status(), "running");
  succeeded(t, await c.delete(["--force"]), "delete --force");
  t.notOk(isAlive(pid));
  await nothingLeft(t, box);
});

e2e("delete --force of a created container", async (t, box) => {
  const c = box.container(baseConfig());
  await c.create();
  const { pid } = await c.state();
  succeeded(t, await c.delete(["-f"]), "delete -f");
  t.notOk(isAlive(pid));
});

e2e("what does not exist", async (t, box) => {
  const missing = "container does not exist";
  for (const command of [["start"], ["state"], ["kill"], ["kill", "--all"], ["delete"], ["ps"], ["exec"]]) {
    const args = [...command, "nobody", ...(command[0] === "exec" ? ["true"] : [])];
    const message = command[0] === "exec" ? `exec failed: ${missing}` : missing;
    refused(t, await box.tsoci(args), message, command.join(" "), command[0] === "exec" ? 255 : 1);
  }
  succeeded(t, await box.tsoci(["delete", "--force", "nobody"]), "delete --force");
  t.notOk(existsSync(box.root), "nothing was made");
});

e2e("an id names one container", async (t, box) => {
  const c = box.container(sleeper());
  succeeded(t, await c.create(), "create");
  const before = await c.state();
  for (const command of ["create", "run"]) {
    const message = `${command} failed: container with given ID already exists`;
    refused(t, await box.tsoci([command, "--bundle", c.bundle, c.id]), message, command);
  }
  t.strictSame(await c.state(), before, "the first one has not changed");
});

e2e("bad ids", async (t, box) => {
  const bundle = box.bundle(baseConfig());
  const bad = ["a/b", "../x", ".", "..", "a b", "a\nb", "ü", "a:b", "x".repeat(256)];
  for (const id of [...bad, ""]) {
    const message = id === "" ? "container id cannot be empty" : "invalid container ID format";
    const name = JSON.stringify(id.slice(0, 10));
    refused(t, await box.tsoci(["create", "--bundle", bundle, id]), `create failed: ${message}`, `create ${name}`);
    for (const command of ["start", "state", "kill", "delete", "ps"]) {
      refused(t, await box.tsoci([command, id]), message, `${command} ${name}`);
    }
    refused(t, await box.tsoci(["delete", "--force", id]), message, `delete --force ${name}`);
  }
  t.notOk(existsSync(box.root));
});

e2e("the longest id, and every character", async (t, box) => {
  const bundle = box.bundle(baseConfig());
  const id = `${box.tag}_A.b+c`.padEnd(255, "x");
  succeeded(t, await box.tsoci(["create", "--bundle", bundle, id]), "create");
  t.ok(existsSync(join(box.root, id)));
  succeeded(t, await box.tsoci(["delete", "--force", id]), "delete --force");
});

e2e("kill --all of a stopped container is fine, plain kill is not", async (t, box) => {
  const c = box.container(baseConfig());
  await c.create();
  await c.start();
  await c.waitFor("stopped");
  refused(t, await c.kill("KILL"), "container not running", "kill");
  refused(t, await c.kill("0"), "container not running", "kill 0");
  const before = await c.stateOutcome();
  succeeded(t, await box.tsoci(["kill", "--all", c.id, "9"]), "kill --all");
  t.equal((await c.stateOutcome()).stdout, before.stdout, "kill has no effect");
});

e2e(
  "a container that ends while it is killed is no failure, whatever pidfd_open(2) says",
  async (t, box) => {
    // Its pid may still name a session, or already a thread: EINVAL on Linux 6.1, ESRCH and ENOENT on 6.18.
    for (const error of ["ESRCH", "EINVAL", "ENOENT"]) {
      const c = box.container(sleeper());
      await c.run(["-d"]);
      const inject = `inject=pidfd_open:error=${error}:when=1`;
      const through = ["strace", "-qq", "-o", box.path("trace"), "-e", "trace=pidfd_open", "-e", inject];
      succeeded(t, await c.kill("KILL", { through }), error);
      t.match(readFileSync(box.path("trace"), "utf8"), `${error} (`);
      await box.tsoci(["kill", "--all", c.id, "KILL"]);
      await c.waitFor("stopped");
    }
  },
  { skip: existsSync("/usr/bin/strace") ? false : "strace is not installed", once: true },
);

e2e("kill takes names and numbers", async (t, box) => {
  const signals = {
    HUP: 1,
    SIGINT: 2,
    usr1: 10,
    sigusr2: 12,
    15: 15,
    RTMIN: 34,
    "RTMIN+3": 37,
    "SIGRTMAX-1": 63,
    RTMAX: 64,
  };
  const traps = Object.values(signals).map((number) => `trap 'echo ${number}' ${number}`);
  const c = box.container(script(`${traps.join("; ")}; echo ready; while :; do sleep 1000 & wait; done`));
  const { files } = await c.run(["-d"]);
  const lines = () => readFileSync(files.stdout, "utf8").split("\n");
  await until("traps are set", () => lines().includes("ready"));
  for (const [name, number] of Object.entries(signals)) {
    succeeded(t, await c.kill(name), `kill ${name}`);
    await until(`signal ${number} arrives`, () => lines().includes(String(number)));
  }
  succeeded(t, await c.kill("0"), "kill 0");
  t.equal(await c.status(), "running");
  for (const bad of ["FOO", "SIG", "", "65", "-1", "RTMIN+99", "1x"]) {
    refused(t, await box.tsoci(["kill", c.id, "--", bad]), `unknown signal "${bad}"`, `kill ${bad}`);
  }
});

e2e("kill without a signal sends SIGTERM", async (t, box) => {
  const c = box.container(script("trap 'exit 3' TERM; echo ready; while :; do sleep 1000 & wait; done"));
  const { files } = await c.run(["-d"]);
  await until("the trap is set", () => readFileSync(files.stdout, "utf8").includes("ready"));
  succeeded(t, await c.kill(), "kill");
  await c.waitFor("stopped");
});

e2e("a container without a process can be created, not started", async (t, box) => {
  const c = box.container(baseConfig({ process: undefined }));
  succeeded(t, await c.create(), "create");
  t.equal(await c.status(), "created");
  const message = "cannot start a container without a process: /process was not set at create";
  refused(t, await c.start(), message, "start");
  t.equal(await c.status(), "created", "start had no effect");
  refused(
    t,
    await box.container(baseConfig({ process: undefined })).run(),
    /^run failed: .*process property must not be empty/,
    "run",
  );
});

e2e("without a pid namespace SIGKILL ends all processes of the container", async (t, box) => {
  const namespaces = ["mount", "uts", "ipc", "network", "cgroup"].map((type) => ({ type }));
  const c = box.container(script("sleep 4321 & sleep 4322 & echo ready; wait", { linux: { namespaces } }));
  await c.run(["-d"]);
  const { stdout } = await box.tsoci(["ps", "--format", "json", c.id]);
  const pids = () => (JSON.parse(stdout) as number[]).filter(isAlive);
  t.ok(pids().length >= 1);
  succeeded(t, await c.kill("KILL"), "kill");
  await until("all are gone", () => pids().length === 0);
});

e2e("without a pid namespace kill --all reaches what init left behind", async (t, box) => {
  const namespaces = ["mount", "uts", "ipc", "network", "cgroup"].map((type) => ({ type }));
  const c = box.container(script("sleep 4321 & exit 0", { linux: { namespaces } }));
  await c.run(["-d"]);
  await c.waitFor("stopped");
  const { stdout } = await box.tsoci(["ps", "--format", "json", c.id]);
  const pids = JSON.parse(stdout) as number[];
  t.equal(pids.length, 1, "the orphan is in the cgroup");
  succeeded(t, await box.tsoci(["kill", "--all", c.id, "9"]), "kill --all");
  await until("it is gone", () => !pids.some(isAlive));
});

e2e("a container whose init nobody has reaped yet has stopped", async (t, box) => {
  const c = box.container(baseConfig());
  const create = [box.engine.tsoci, "--root", box.root, "create", "--bundle", c.bundle, c.id];
  const adopter = dialogue(await program("adopter"), create, box);
  await adopter.says("adopted 0\n");
  const pid = await c.pid();
  succeeded(t, await c.start(), "start");
  await until("init is a zombie", () => read(`/proc/${pid}/stat`)?.includes(") Z "));
  t.equal(await c.status(), "stopped");
  refused(t, await c.kill("KILL"), "container not running", "kill");
  succeeded(t, await c.delete(), "delete without --force");
  await adopter.ended();
});
