/** kill --regex and delete --regex, as crun has them. */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { e2e, refused, sleeper, succeeded } from "../harness.ts";

e2e("kill and delete by a regular expression", async (t, box) => {
  const [a, b, c] = [box.container(sleeper()), box.container(sleeper()), box.container(sleeper())];
  for (const each of [a, b, c]) succeeded(t, await each.run(["-d"]), "run");
  const pattern = `^${box.tag}-[01]$`;
  succeeded(t, await box.tsoci(["kill", "--regex", pattern, "KILL"]), "kill --regex");
  await a.waitFor("stopped");
  await b.waitFor("stopped");
  t.equal(await c.status(), "running", "the others are left alone");
  const again = await box.tsoci(["kill", "-r", box.tag, "USR2"]);
  t.equal(again.code, 0);
  const warnings = [a, b].map(({ id }) => `tsoci: warning: ${id}: container not running\n`);
  t.equal(again.stderr, warnings.join(""), "those that have ended are warnings");
  succeeded(t, await box.tsoci(["delete", "-r", pattern]), "delete --regex");
  t.strictSame(readdirSync(box.root), [c.id]);
  // What a `create` left that was killed at once.
  mkdirSync(join(box.root, "half-made"));
  succeeded(t, await box.tsoci(["delete", "--force", "--regex", "."]), "delete --force --regex");
  t.strictSame(readdirSync(box.root), []);
  succeeded(t, await box.tsoci(["delete", "--regex", "."]), "nothing matches");
  refused(t, await box.tsoci(["kill", "--regex", "("]), 'invalid regular expression "("', "no expression");
});
