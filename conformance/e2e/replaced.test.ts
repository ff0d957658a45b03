/** tsoci is replaced by another build while containers live: they can still be used and removed. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canFreeze } from "../harness/cgroups.ts";
import { e2e, sleeper, succeeded } from "../harness.ts";

/** The place of the fingerprint in a stored plan (src/plan/wire.ts). */
const FINGERPRINT = 4;

e2e("a container of another build", async (t, box) => {
  const c = box.container(sleeper());
  succeeded(t, await c.create(), "create");
  const before = await c.stateOutcome();
  const commands = join(box.root, c.id, "commands");
  const plan = readFileSync(commands);
  plan.writeUInt32LE((plan.readUInt32LE(FINGERPRINT) + 1) >>> 0, FINGERPRINT);
  writeFileSync(commands, plan);
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
