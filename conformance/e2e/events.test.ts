/** events: statistics in runc's shape, again and again, and the lack of memory. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { place, UNIFIED, without } from "../harness/cgroups.ts";
import { type Box, e2e, read, refused, script, sleeper, succeeded, until } from "../harness.ts";

const stats = async (box: Box, id: string) => box.tsoci(["events", "--stats", id]);

/** What tsoci printed so far, of all its commands. */
const printed = (box: Box) =>
  readdirSync(box.path("out"))
    .filter((name) => name.endsWith(".out"))
    .map((name) => read(box.path("out", name)) ?? "")
    .join("");

e2e(
  "events --stats is one line of JSON that agrees with the cgroup",
  async (t, box) => {
    const resources = { memory: { limit: 64 << 20 }, pids: { limit: 50 } };
    const c = box.container(sleeper({ linux: { resources } }));
    await c.create();
    await c.start();
    const outcome = await stats(box, c.id);
    succeeded(t, outcome, "events --stats");
    t.match(outcome.stdout, /^[^\n]+\n$/, "one line");
    const { type, id, data } = JSON.parse(outcome.stdout);
    t.strictSame({ type, id }, { type: "stats", id: c.id });
    t.strictSame(Object.keys(data), [
      "cpu",
      "cpuset",
      "memory",
      "pids",
      "blkio",
      "hugetlb",
      "intel_rdt",
      "network_interfaces",
    ]);
    t.equal(data.memory.usage.limit, 64 << 20);
    t.ok(data.memory.usage.usage > 0 && data.memory.usage.usage < 64 << 20);
    t.ok(Object.keys(data.memory.raw).length > 10, "memory.stat");
    t.equal(data.pids.limit, 50);
    t.ok(data.pids.current >= 1);
    t.ok(data.cpu.usage.total > 0);
    t.type(data.cpu.usage.kernel, "number");
    t.equal(data.network_interfaces, null);
    succeeded(t, await box.tsoci(["update", "--memory", "32m", c.id]), "update");
    t.equal(JSON.parse((await stats(box, c.id)).stdout).data.memory.usage.limit, 32 << 20, "after an update");
    succeeded(t, await box.tsoci(["pause", c.id]), "pause");
    succeeded(t, await stats(box, c.id), "paused");
  },
  { skip: without("memory") || without("pids") },
);

e2e("events prints statistics until the container ends", async (t, box) => {
  const c = box.container(sleeper());
  await c.run(["-d"]);
  const events = box.tsoci(["events", "--interval", "20ms", c.id]);
  await until("three lines", () => printed(box).split("\n").length > 3);
  await c.kill("KILL");
  const outcome = await events;
  succeeded(t, outcome, "events");
  const lines = outcome.stdout.trimEnd().split("\n");
  for (const line of lines) t.match(JSON.parse(line), { type: "stats", id: c.id });
});

e2e(
  "events tells when memory ran out",
  async (t, box) => {
    const limit = 16 << 20;
    const change = { linux: { resources: { memory: { limit, swap: limit } } } };
    const c = box.container(script("while :; do tail -c 100m /dev/zero; sleep 0.05; done", change));
    await c.run(["-d"]);
    const directory = place(await c.pid(), "memory");
    const events = box.tsoci(["events", "--interval", "1h", c.id]);
    await until("the line", () => printed(box).includes('"oom"'), 15_000);
    t.match(read(join(directory, UNIFIED ? "memory.events" : "memory.oom_control")), /^oom_kill [1-9]/m);
    await c.kill("KILL");
    const outcome = await events;
    succeeded(t, outcome, "events");
    for (const line of outcome.stdout.trimEnd().split("\n")) t.equal(line, `{"type":"oom","id":"${c.id}"}`);
  },
  { skip: without("memory") },
);

e2e("what can't be watched", async (t, box) => {
  const c = box.container(sleeper());
  refused(t, await box.tsoci(["events", c.id]), "container does not exist", "no container");
  await c.run(["-d"]);
  refused(
    t,
    await box.tsoci(["events", "--interval", "0", c.id]),
    "duration interval must be greater than 0",
    "interval 0",
  );
  refused(
    t,
    await box.tsoci(["events", "--interval=-1s", c.id]),
    "duration interval must be greater than 0",
    "interval -1s",
  );
  await c.kill("KILL");
  await c.waitFor("stopped");
  for (const flags of [[], ["--stats"]]) {
    refused(t, await box.tsoci(["events", ...flags, c.id]), `container with id ${c.id} is not running`, "stopped");
  }
});
