/** pause and resume, and what the other commands do with a paused container. */
import { join } from "node:path";
import { canFreeze, has, place } from "../harness/cgroups.ts";
import {
  e2e,
  isAlive,
  namespaces,
  nothingLeft,
  read,
  refused,
  script,
  sleeper,
  succeeded,
  written,
} from "../harness.ts";

const SHARED_PIDS = namespaces("mount", "uts", "ipc");
const skip = canFreeze ? false : "this host has no freezer";

/** The file that says so, and what it says. */
function frozen(pid: number): boolean {
  if (has("freezer")) return read(join(place(pid, "freezer"), "freezer.state"))?.trim() === "FROZEN";
  return read(join(place(pid, ""), "cgroup.events"))?.includes("frozen 1") === true;
}

const pause = (id: string) => ["pause", id];
const resume = (id: string) => ["resume", id];

e2e(
  "pause stops every process at once, and resume lets them go on",
  async (t, box) => {
    const c = box.container(script("while :; do echo x >> /count; sleep 0.01; done"));
    await c.run(["-d"]);
    const pid = await c.pid();
    await written(join(c.rootfs, "count"));
    succeeded(t, await box.tsoci(pause(c.id)), "pause");
    t.ok(frozen(pid));
    t.equal(await c.status(), "paused");
    t.equal(JSON.parse((await box.tsoci(["list", "-f", "json"])).stdout)[0].status, "paused");
    t.ok(JSON.parse((await box.tsoci(["ps", "-f", "json", c.id])).stdout).includes(pid), "ps");
    const count = () => read(join(c.rootfs, "count"))?.length ?? 0;
    const before = count();
    refused(t, await box.tsoci(pause(c.id)), "container already paused", "pause again");
    refused(t, await c.delete(), `cannot delete container ${c.id} that is not stopped: paused (use --force)`, "delete");
    refused(t, await c.start(), "cannot start a container in the paused state", "start");
    t.equal(count(), before, "nothing ran meanwhile");
    succeeded(t, await box.tsoci(resume(c.id)), "resume");
    t.notOk(frozen(pid));
    t.equal(await c.status(), "running");
    await written(join(c.rootfs, "count"), (text) => text.length > before);
    refused(t, await box.tsoci(resume(c.id)), "container not paused", "resume again");
  },
  { skip },
);

e2e(
  "a container that forks all the time is paused, too",
  async (t, box) => {
    const c = box.container(script("while :; do (true) & (sh -c true) & true; wait; done"));
    await c.run(["-d"]);
    const pid = await c.pid();
    for (let round = 0; round < 10; round++) {
      succeeded(t, await box.tsoci(pause(c.id)), "pause");
      t.ok(frozen(pid));
      succeeded(t, await box.tsoci(resume(c.id)), "resume");
    }
  },
  { skip, once: true },
);

e2e(
  "a created container can be paused, and is created again afterwards",
  async (t, box) => {
    const c = box.container(sleeper());
    await c.create();
    succeeded(t, await box.tsoci(pause(c.id)), "pause");
    t.equal(await c.status(), "paused");
    refused(t, await c.start(), "cannot start a container in the paused state", "start");
    succeeded(t, await box.tsoci(resume(c.id)), "resume");
    t.equal(await c.status(), "created");
    succeeded(t, await c.start(), "start");
    t.equal(await c.status(), "running");
  },
  { skip },
);

e2e(
  "SIGKILL ends a paused container at once; other signals wait for resume",
  async (t, box) => {
    const c = box.container(sleeper());
    await c.run(["-d"]);
    const pid = await c.pid();
    succeeded(t, await box.tsoci(pause(c.id)), "pause");
    succeeded(t, await c.kill("TERM"), "kill TERM");
    t.equal(await c.status(), "paused");
    succeeded(t, await box.tsoci(resume(c.id)), "resume");
    await c.waitFor("stopped");
    t.notOk(isAlive(pid));
    succeeded(t, await c.delete(), "delete");
    for (const change of [{}, SHARED_PIDS]) {
      const other = box.container(sleeper(change));
      await other.run(["-d"]);
      succeeded(t, await box.tsoci(pause(other.id)), "pause");
      succeeded(t, await other.kill("KILL"), "kill KILL");
      await other.waitFor("stopped");
      succeeded(t, await other.delete(), "delete");
    }
    await nothingLeft(t, box);
  },
  { skip },
);

e2e(
  "delete --force removes a paused container",
  async (t, box) => {
    for (const flags of [[], ["-d"]]) {
      const c = box.container(sleeper());
      succeeded(t, flags.length > 0 ? await c.run(flags) : await c.create(), "made");
      succeeded(t, await box.tsoci(pause(c.id)), "pause");
      succeeded(t, await c.delete(["--force"]), "delete --force");
      await nothingLeft(t, box);
    }
  },
  { skip },
);

e2e(
  "exec into a paused container is refused; with --ignore-paused it waits for resume",
  async (t, box) => {
    const c = box.container(sleeper());
    await c.run(["-d"]);
    succeeded(t, await box.tsoci(pause(c.id)), "pause");
    const message = "exec failed: cannot exec in a paused container (use --ignore-paused to override)";
    refused(t, await c.exec(["true"]), message, "exec", 255);
    const waiting = c.exec(["sh", "-c", "echo went on"], {}, ["--ignore-paused"]);
    t.equal(await c.status(), "paused");
    succeeded(t, await box.tsoci(resume(c.id)), "resume");
    const outcome = await waiting;
    succeeded(t, outcome, "exec --ignore-paused");
    t.equal(outcome.stdout, "went on\n");
  },
  { skip },
);

e2e("what is not there, or has stopped, can't be paused or resumed", async (t, box) => {
  for (const command of ["pause", "resume"]) {
    refused(t, await box.tsoci([command, "nobody"]), "container does not exist", command);
    refused(t, await box.tsoci([command, "a/b"]), "invalid container ID format", command);
  }
  const c = box.container(sleeper());
  await c.run(["-d"]);
  await c.kill("KILL");
  await c.waitFor("stopped");
  refused(t, await box.tsoci(pause(c.id)), "container not running", "pause");
  refused(t, await box.tsoci(resume(c.id)), "container not paused", "resume");
});

e2e("a container without a cgroup can't be paused", async (t, box) => {
  const c = box.container(sleeper());
  const global = ["--root", box.root, "--cgroup-manager", "disabled"];
  succeeded(t, await c.run(["-d"], { global }), "run");
  const message = "the container has no cgroup of its own that could be frozen";
  refused(t, await box.tsoci(pause(c.id)), message, "pause");
  succeeded(t, await box.tsoci(["kill", "--all", c.id, "KILL"]), "kill --all");
  await c.waitFor("stopped");
});

e2e("kill --all signals every process of the container, whatever its pid namespace", async (t, box) => {
  for (const change of [{}, SHARED_PIDS]) {
    const text =
      "for i in 1 2 3; do sh -c 'trap \"echo got >> /got; exit\" USR1; echo up >> /up; while :; do sleep 0.01; done' & done; trap : USR1; while :; do wait; done";
    const c = box.container(script(text, change));
    await c.run(["-d"]);
    await written(join(c.rootfs, "up"), (up) => up === "up\n".repeat(3));
    succeeded(t, await box.tsoci(["kill", "--all", c.id, "USR1"]), "kill --all USR1");
    t.equal(await written(join(c.rootfs, "got"), (got) => got.length >= 12), "got\n".repeat(3));
    t.equal(await c.status(), "running", "thawed again");
    const pids = JSON.parse((await box.tsoci(["ps", "-f", "json", c.id])).stdout) as number[];
    succeeded(t, await box.tsoci(["kill", "-a", c.id, "KILL"]), "kill --all KILL");
    t.notOk(pids.some(isAlive));
    await c.waitFor("stopped");
    succeeded(t, await box.tsoci(["kill", "--all", c.id, "9"]), "nobody is left");
    succeeded(t, await box.tsoci(["kill", "--all", c.id, "TERM"]), "nobody is left");
    refused(t, await c.kill("KILL"), "container not running", "kill");
  }
});

e2e(
  "kill --all leaves a paused container paused, and its signals wait",
  async (t, box) => {
    const c = box.container(sleeper());
    await c.run(["-d"]);
    succeeded(t, await box.tsoci(pause(c.id)), "pause");
    succeeded(t, await box.tsoci(["kill", "--all", c.id]), "kill --all");
    t.equal(await c.status(), "paused");
    succeeded(t, await box.tsoci(resume(c.id)), "resume");
    await c.waitFor("stopped");
  },
  { skip },
);
