/** What state, list and ps print (shared/CLI.md 2.3). */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import stateSchema from "../../schemas/state.json" with { type: "json" };
import { baseConfig, e2e, isAlive, nothingLeft, refused, sleeper, succeeded } from "../harness.ts";

const isState = new Ajv2020().compile(stateSchema);

e2e("state is JSON of the schema, with two spaces and no newline at the end", async (t, box) => {
  const annotations = { "com.example.key": 'a "quoted" value\nü\u0001', empty: "" };
  const c = box.container(sleeper({ annotations }));
  await c.create();
  for (const status of ["created", "running", "stopped"]) {
    if (status === "running") await c.start();
    if (status === "stopped") {
      await c.kill("KILL");
      await c.waitFor("stopped");
    }
    const outcome = await c.stateOutcome();
    succeeded(t, outcome, status);
    const state = JSON.parse(outcome.stdout);
    t.equal(outcome.stdout, JSON.stringify(state, undefined, 2));
    t.ok(isState(state), JSON.stringify(isState.errors));
    t.match(state, { ociVersion: "1.3.0", id: c.id, status, bundle: c.bundle, rootfs: c.rootfs, owner: "" });
    t.strictSame(state.annotations, annotations);
    t.equal(state.pid === 0, status === "stopped");
    t.match(state.created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
    t.ok(Math.abs(Date.now() - Date.parse(state.created)) < 60_000);
  }
});

e2e("later edits of the bundle change nothing", async (t, box) => {
  const c = box.container(sleeper({ annotations: { a: "b" } }));
  await c.create();
  const { stdout } = await c.stateOutcome();
  writeFileSync(join(c.bundle, "config.json"), '{"ociVersion":"1.0.0"}');
  t.equal((await c.stateOutcome()).stdout, stdout);
  succeeded(t, await c.start(), "start");
  const inside = await c.exec(["true"]);
  succeeded(t, inside, "exec");
  succeeded(t, await c.kill("KILL"), "kill");
  await c.waitFor("stopped");
  succeeded(t, await c.delete(), "delete");
});

e2e("the bundle is the current directory, and state names it absolutely", async (t, box) => {
  const c = box.container(baseConfig());
  succeeded(t, await box.tsoci(["create", c.id], { cwd: c.bundle }), "create");
  t.equal((await c.state()).bundle, c.bundle);
});

e2e("a bundle by a relative path, and another configuration", async (t, box) => {
  const c = box.container(baseConfig());
  writeFileSync(join(c.bundle, "other.json"), JSON.stringify(baseConfig({ annotations: { other: "yes" } })));
  mkdirSync(join(c.bundle, "below"));
  const args = ["create", "-b", "../", "-f", "other.json", c.id];
  succeeded(t, await box.tsoci(args, { cwd: join(c.bundle, "below") }), "create");
  t.match(await c.state(), { bundle: c.bundle, annotations: { other: "yes" } });
});

e2e("list", async (t, box) => {
  const list = async (...flags: string[]) => {
    const outcome = await box.tsoci(["list", ...flags]);
    succeeded(t, outcome, `list ${flags.join(" ")}`);
    return outcome.stdout;
  };
  t.equal(await list("--format=json"), "null\n", "no container");
  t.equal(await list("-q"), "");
  t.match(await list(), /^ID +PID +STATUS +BUNDLE +CREATED +OWNER\n$/);
  const [a, b] = [box.container(sleeper()), box.container(sleeper({ annotations: { k: "v=w" } }))];
  await a.create();
  await b.run(["-d"]);
  t.equal(await list("--quiet"), `${a.id}\n${b.id}\n`);
  const [first, second] = JSON.parse(await list("--format", "json"));
  t.strictSame(first, { ...(await a.state()), owner: "root" });
  t.strictSame(second, { ...(await b.state()), owner: "root" });
  const [, row, , end] = (await list("-f", "table")).split("\n");
  const { pid, created, bundle } = await a.state();
  t.strictSame(row?.trim().split(/\s+/), [a.id, String(pid), "created", bundle, created, "root"]);
  t.equal(end, "");
  refused(t, await box.tsoci(["list", "--format", "yaml"]), "invalid format option", "another format");
});

e2e("list skips what is broken, and says so", async (t, box) => {
  const c = box.container(baseConfig());
  await c.create();
  const state = readFileSync(join(box.root, c.id, "state.json"));
  writeFileSync(join(box.root, c.id, "state.json"), "{");
  const { code, stdout, stderr } = await box.tsoci(["list", "-q"]);
  t.strictSame({ code, stdout }, { code: 0, stdout: "" });
  t.match(stderr, new RegExp(`^tsoci: warning: the state of ${c.id} can't be read: [^\\n]+\\n$`));
  writeFileSync(join(box.root, c.id, "state.json"), state);
});

e2e("ps", async (t, box) => {
  const c = box.container(sleeper());
  await c.run(["-d"]);
  const { pid } = await c.state();
  const ps = async (...args: string[]) => (await box.tsoci(["ps", ...args])).stdout;
  const pids = JSON.parse(await ps("--format", "json", c.id)) as number[];
  t.ok(pids.includes(pid));
  t.equal(pids.length, 2, "the shell and its sleep");
  const rows = (text: string) => text.trimEnd().split("\n").slice(1);
  t.match(await ps(c.id), /^UID +PID .*CMD\n/);
  t.equal(rows(await ps(c.id)).length, 2);
  t.strictSame(
    rows(await ps(c.id, "-eo pid,comm")).map((row) => Number(row.trim().split(" ")[0])),
    pids,
  );
  t.strictSame(rows(await ps(c.id, "-e", "-o", "pid")).map(Number), pids);
  refused(t, await box.tsoci(["ps", c.id, "-eo", "comm"]), "couldn't find PID field in ps output", "no pid column");
  refused(t, await box.tsoci(["ps", c.id, "--nonsense"]), /^ps failed: ./, "options that ps does not know");
  await c.kill("KILL");
  await c.waitFor("stopped");
  t.equal(await ps("-f", "json", c.id), "null\n", "a stopped container");
});

e2e("a container of another version of tsoci can be used and deleted", async (t, box) => {
  const c = box.container(sleeper());
  await c.create();
  const before = (await c.stateOutcome()).stdout;
  const file = join(box.root, c.id, "commands");
  const commands = readFileSync(file);
  // The fingerprint of the operations.
  commands[4] = (commands[4] ?? 0) ^ 1;
  writeFileSync(file, commands);
  const state = await c.stateOutcome();
  succeeded(t, state, "state");
  t.equal(state.stdout, before);
  succeeded(t, await c.start(), "start");
  succeeded(t, await c.kill("KILL"), "kill");
  await c.waitFor("stopped");
  succeeded(t, await c.delete(), "delete");
  await nothingLeft(t, box);
});

e2e("a container whose stored commands are broken can be deleted by force", async (t, box) => {
  for (const length of [0, 100]) {
    const c = box.container(sleeper());
    await c.create();
    const { pid } = await c.state();
    const file = join(box.root, c.id, "commands");
    writeFileSync(file, readFileSync(file).subarray(0, length));
    refused(t, await c.stateOutcome(), `${c.id}: protocol error`, `${length} bytes`);
    refused(t, await c.delete(), `${c.id}: protocol error`, "delete");
    succeeded(t, await c.delete(["--force"]), "delete --force");
    t.notOk(isAlive(pid));
    await nothingLeft(t, box);
  }
});
