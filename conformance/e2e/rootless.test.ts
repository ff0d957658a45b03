/** tsoci run by an ordinary user: one id mapped, a state root of its own, no cgroups. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { asUser, noUserNamespaces, only, owned } from "../harness/ordinary-user.ts";
import { baseConfig, e2e, merge, nothingLeft, refused, script, sleeper, statusField, succeeded } from "../harness.ts";

e2e(
  "the life of a rootless container",
  async (t, box) => {
    const user = asUser(box);
    const c = owned(box.container(sleeper(only())));
    succeeded(t, await c.create([], user), "create");
    t.strictSame(readdirSync(box.path("run", "tsoci")), [c.id], "the state is in XDG_RUNTIME_DIR");
    succeeded(t, await c.start(user), "start");
    const state = await c.state(user);
    t.equal(state.status, "running");
    t.equal(statusField(state.pid, "Uid"), "1000\t1000\t1000\t1000");
    const { stdout } = await c.exec(["id", "-u"], user);
    t.equal(stdout, "0\n");
    t.match((await box.tsoci(["list"], user)).stdout, new RegExp(`${c.id} .* running `));
    succeeded(t, await box.tsoci(["ps", c.id], user), "ps");
    succeeded(t, await c.kill("KILL", user), "kill");
    await c.waitFor("stopped", 5000, user);
    succeeded(t, await c.delete([], user), "delete");
    t.strictSame(readdirSync(box.path("run", "tsoci")), []);
    await nothingLeft(t, box);
  },
  { skip: noUserNamespaces },
);

e2e(
  "what a rootless container sees",
  async (t, box) => {
    const text =
      "id -u; id -g; hostname; cat /proc/self/uid_map; touch /file; echo x >/dev/null; cat /proc/self/setgroups";
    const c = owned(box.container(script(text, only())));
    const { code, stdout, stderr } = await c.run([], asUser(box));
    t.strictSame({ code, stderr }, { code: 0, stderr: "" });
    t.match(stdout, /^0\n0\ne2e\n +0 +1000 +1\ndeny\n$/);
  },
  { skip: noUserNamespaces },
);

e2e(
  "the example that spec --rootless writes runs",
  async (t, box) => {
    const user = asUser(box);
    const c = owned(box.container(baseConfig()));
    const { rmSync, readFileSync, writeFileSync } = await import("node:fs");
    const file = join(c.bundle, "config.json");
    rmSync(file);
    succeeded(t, await box.tsoci(["spec", "--rootless", "-b", c.bundle], user), "spec");
    const config = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify(merge(config, { process: { terminal: false, args: ["id", "-u"] } })));
    const { code, stdout, stderr } = await c.run([], user);
    t.strictSame({ code, stdout, stderr }, { code: 0, stdout: "0\n", stderr: "" });
  },
  { skip: noUserNamespaces },
);

e2e(
  "limits that an ordinary user can't have are refused, and so are supplementary groups",
  async (t, box) => {
    const user = asUser(box);
    const limited = owned(box.container(sleeper(only({ linux: { resources: { memory: { limit: 10_000_000 } } } }))));
    refused(t, await limited.create([], user), /^create failed: \/linux\/resources/, "a memory limit");
    const groups = owned(box.container(sleeper(only({ process: { user: { uid: 0, gid: 0, additionalGids: [5] } } }))));
    refused(t, await groups.create([], user), /^create failed: \/process\/user\/additionalGids: /, "groups");
    const without = owned(box.container(sleeper(baseConfig())));
    refused(t, await without.create([], user), /^create failed: /, "no user namespace");
    await nothingLeft(t, box);
    t.strictSame(readdirSync(box.path("run", "tsoci")), []);
  },
  { skip: noUserNamespaces },
);
