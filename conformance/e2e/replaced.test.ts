/** tsoci is replaced by another build while containers live: they can still be used and removed. */
import { existsSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canFreeze } from "../harness/cgroups.ts";
import {
  type Box,
  type Container,
  cgroupsNamed,
  e2e,
  isAlive,
  refused,
  sleeper,
  succeeded,
  until,
} from "../harness.ts";

/** The place of the fingerprint in a stored plan (src/plan/wire.ts). */
const FINGERPRINT = 4;

/** As if another build had made it. */
function replace(box: Box, c: Container): void {
  const commands = join(box.root, c.id, "commands");
  const plan = readFileSync(commands);
  plan.writeUInt32LE((plan.readUInt32LE(FINGERPRINT) + 1) >>> 0, FINGERPRINT);
  writeFileSync(commands, plan);
}

e2e("a container of another build", async (t, box) => {
  const c = box.container(sleeper());
  succeeded(t, await c.create(), "create");
  const before = await c.stateOutcome();
  replace(box, c);
  const after = await c.stateOutcome();
  t.strictSame([after.code, after.stdout, after.stderr], [0, before.stdout, ""], "the same state");
  succeeded(t, await c.start(), "start");
  t.equal(await c.status(), "running");
  for (const command of canFreeze ? ["pause", "resume"] : []) succeeded(t, await box.tsoci([command, c.id]), command);
  succeeded(t, await box.tsoci(["kill", "--all", c.id, "0"]), "kill --all");
  succeeded(t, await c.kill("KILL"), "kill");
  await c.waitFor("stopped");
  succeeded(t, await c.delete(), "delete");
});

e2e("a container whose record this build does not understand", async (t, box) => {
  const c = box.container(sleeper());
  succeeded(t, await c.create(), "create");
  replace(box, c);
  writeFileSync(join(box.root, c.id, "config.json"), "{}");
  for (const outcome of [await c.stateOutcome(), await c.start(), await c.kill(), await c.delete()]) {
    refused(t, outcome, /config\.json|\/root|ociVersion/, "refused");
  }
  const cgroups = cgroupsNamed((name) => name.includes(c.id));
  succeeded(t, await c.delete(["--force"]), "delete --force");
  t.notOk(existsSync(join(box.root, c.id)));
  t.strictSame(cgroups.filter(existsSync), []);
});

/** A `create` that was killed before its container existed. */
async function halfMade(box: Box): Promise<{ c: Container; undo: string; pid: number }> {
  const c = box.container(sleeper());
  await c.create();
  const pid = await c.pid();
  for (const file of ["commands", "state.json"]) rmSync(join(box.root, c.id, file));
  return { c, undo: join(box.root, c.id, "undo"), pid };
}

e2e("a container that another build half made", async (t, box) => {
  const { c, undo, pid } = await halfMade(box);
  t.strictSame(
    Object.keys(JSON.parse(readFileSync(undo, "utf8"))[0]),
    ["op", "from", "path", "mode"],
    "any build reads it",
  );
  refused(t, await c.delete(), "container does not exist", "delete");
  succeeded(t, await c.delete(["--force"]), "delete --force");
  await until("init ends", () => !isAlive(pid));
});

e2e("a container that another build half made, with what this one does not know", async (t, box) => {
  const { c, undo, pid } = await halfMade(box);
  const operations = JSON.parse(readFileSync(undo, "utf8")) as { op: string }[];
  writeFileSync(undo, JSON.stringify([{ op: "forget_everything", from: "undo", how: "at once" }, ...operations]));
  const { code, stderr } = await c.delete(["--force"]);
  t.equal(code, 0);
  t.match(
    stderr,
    /^time="[^"]+" level=warning msg="left undone: forget_everything"\n$|warning.*left undone: forget_everything\n$/,
  );
  t.notOk(isAlive(pid));
});

e2e("a half-made container whose undo is spoiled", async (t, box) => {
  const { c, undo, pid } = await halfMade(box);
  const cgroups = cgroupsNamed((name) => name.includes(c.id));
  writeFileSync(undo, "[{");
  const { code, stderr } = await c.delete(["--force"]);
  t.equal(code, 0);
  t.match(stderr, /undo can't be read: only init and the state directory are removed/);
  t.notOk(isAlive(pid));
  // This one alone knows of them.
  for (const path of cgroups.toReversed()) rmdirSync(path);
});
