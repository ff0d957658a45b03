/** Many containers at once, and several commands at once on one container. */
import { setTimeout } from "node:timers/promises";
import { type Container, e2e, isAlive, nothingLeft, type Outcome, refused, sleeper, succeeded } from "../harness.ts";

const MANY = 50;

e2e("fifty containers at once", async (t, box) => {
  const all = Array.from({ length: MANY }, () => box.container(sleeper()));
  const each = async (what: string, command: (c: Container) => Promise<Outcome>) => {
    const outcomes = await Promise.all(all.map(command));
    const failures = outcomes.filter(({ code, stderr }) => code !== 0 || stderr !== "");
    t.strictSame(
      failures.map(({ code, stderr }) => ({ code, stderr })),
      [],
      what,
    );
  };
  await each("create", (c) => c.create());
  const pids = await Promise.all(all.map((c) => c.pid()));
  t.equal(new Set(pids).size, MANY);
  await each("start", (c) => c.start());
  const listed = JSON.parse((await box.tsoci(["list", "-f", "json"])).stdout) as { status: string }[];
  t.strictSame(
    listed.map(({ status }) => status),
    Array(MANY).fill("running"),
  );
  await each("exec", (c) => c.exec(["true"]));
  await each("kill", (c) => c.kill("KILL"));
  await Promise.all(all.map((c) => c.waitFor("stopped")));
  await each("delete", (c) => c.delete());
  t.notOk(pids.some(isAlive));
  await nothingLeft(t, box);
});

e2e("of many creates of one id one wins", async (t, box) => {
  const c = box.container(sleeper());
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => c.create()));
  const winners = outcomes.filter(({ code }) => code === 0);
  t.equal(winners.length, 1);
  for (const outcome of outcomes.filter(({ code }) => code !== 0)) {
    refused(t, outcome, "create failed: container with given ID already exists", "the others");
  }
  t.equal(await c.status(), "created");
});

e2e("of many starts one wins", async (t, box) => {
  for (let round = 0; round < 5; round++) {
    const c = box.container(sleeper());
    await c.create();
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => c.start()));
    t.equal(outcomes.filter(({ code }) => code === 0).length, 1, `round ${round}`);
    for (const outcome of outcomes.filter(({ code }) => code !== 0)) {
      refused(
        t,
        outcome,
        /^(cannot start an already running container|the container is being started by another process)$/,
        "the others",
      );
    }
    t.equal(await c.status(), "running");
    await c.delete(["--force"]);
  }
});

e2e("start against delete --force: either way it is gone or was started first", async (t, box) => {
  for (let round = 0; round < 10; round++) {
    const c = box.container(sleeper());
    await c.create();
    const { pid } = await c.state();
    const [, removed] = await Promise.all([c.start(), c.delete(["--force"])]);
    succeeded(t, removed, `round ${round}`);
    t.notOk(isAlive(pid));
    refused(t, await c.stateOutcome(), "container does not exist", "gone");
  }
  await nothingLeft(t, box);
});

e2e("create against delete --force: never an init without a container", async (t, box) => {
  const c = box.container(sleeper());
  for (let round = 0; round < 40; round++) {
    const creating = c.create();
    await setTimeout(round / 2);
    succeeded(t, await c.delete(["--force"]), `round ${round}`);
    const { code, stderr } = await creating;
    if (code !== 0) t.match(stderr, /^tsoci: create failed: [^\n]+\n$/);
    else succeeded(t, await c.delete(["--force"]), `round ${round}, once it was made`);
    await nothingLeft(t, box);
  }
});

e2e("many deletes at once", async (t, box) => {
  const c = box.container(sleeper());
  await c.run(["-d"]);
  const outcomes = await Promise.all(Array.from({ length: 6 }, () => c.delete(["--force"])));
  for (const outcome of outcomes) succeeded(t, outcome, "delete --force");
  await nothingLeft(t, box);
});

e2e("kill and exec against an ending container", async (t, box) => {
  for (let round = 0; round < 10; round++) {
    const c = box.container(sleeper());
    await c.run(["-d"]);
    const [killed, executed] = await Promise.all([c.kill("KILL"), c.exec(["true"])]);
    succeeded(t, killed, "kill");
    t.ok([0, 137, 255].includes(executed.code ?? -1), `exec: ${executed.code} ${executed.stderr}`);
    await c.delete(["--force"]);
  }
});
