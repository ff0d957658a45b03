/**
 * SIGKILL for the runtime at any moment: what is left is removed without residue by `delete --force`, and init never
 * outlives a runtime that had not finished (issue 2, section 7).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { performance } from "node:perf_hooks";
import {
  type Box,
  type Config,
  type Container,
  e2e,
  isAlive,
  merge,
  nothingLeft,
  processesWith,
  sleeper,
  succeeded,
  type Test,
  until,
} from "../harness.ts";

const MOMENTS = 60;

/** Runs tsoci and kills it after so many milliseconds; returns whether it had ended before. */
async function killedAfter(box: Box, milliseconds: number, args: readonly string[]): Promise<boolean> {
  const [name = "", value = ""] = box.mark.split("=");
  const output = openSync("/dev/null", "r+");
  const child = spawn(box.engine.tsoci, ["--root", box.root, ...args], {
    stdio: [output, output, output],
    env: { [name]: value },
  });
  closeSync(output);
  const end = once(child, "exit");
  // Timers are too coarse.
  for (const start = performance.now(); performance.now() - start < milliseconds; );
  child.kill("SIGKILL");
  const [, signal] = await end;
  return signal === null;
}

/** Of `create`, at its best. */
async function timeToCreate(c: Container): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 4; round++) {
    const start = performance.now();
    await c.create();
    times.push(performance.now() - start);
    await c.delete(["--force"]);
  }
  return Math.min(...times);
}

/** Kills `create` at moments spread over the time that it takes. */
async function survive(t: Test, box: Box, config: Config, moments: number): Promise<void> {
  const c = box.container(config);
  const time = await timeToCreate(c);
  let unfinished = 0;
  for (let moment = 0; moment < moments; moment++) {
    const finished = await killedAfter(box, (time * 1.1 * moment) / moments, ["create", "--bundle", c.bundle, c.id]);
    if (!finished) unfinished++;
    await checkAndRemove(t, box, c, `killed at ${moment} of ${moments}`);
  }
  t.ok(unfinished > moments / 3, `${unfinished} of ${moments} were killed in time`);
}

/** init lives only when the container exists; in either case nothing is left after `delete --force`. */
async function checkAndRemove(t: Test, box: Box, c: Container, what: string): Promise<void> {
  const { code, stdout } = await c.stateOutcome();
  if (code !== 0) {
    const alive = () => processesWith(box.mark).filter(isAlive);
    await until(`${what}: init goes`, () => alive().length === 0, 3000).catch((error) => t.fail(error.message));
  } else {
    t.ok(["created", "running", "stopped"].includes(JSON.parse(stdout).status), what);
  }
  succeeded(t, await c.delete(["--force"]), what);
  await nothingLeft(t, box);
}

e2e("create", async (t, box) => survive(t, box, sleeper(), MOMENTS));

const MAPPINGS = [{ containerID: 0, hostID: 100000, size: 65536 }];

e2e("create with a user namespace", async (t, box) => {
  const types = ["user", "pid", "mount", "network", "ipc", "uts", "cgroup"].map((type) => ({ type }));
  await survive(
    t,
    box,
    sleeper({ linux: { namespaces: types, uidMappings: MAPPINGS, gidMappings: MAPPINGS } }),
    MOMENTS / 2,
  );
});

e2e("create without a mount namespace", async (t, box) => {
  await survive(t, box, sleeper({ hostname: undefined, linux: { namespaces: [{ type: "pid" }] } }), MOMENTS / 2);
});

e2e("create with hooks and limits", async (t, box) => {
  const hook = { path: "/bin/true" };
  const hooks = { createRuntime: [hook], createContainer: [hook], poststop: [hook] };
  const limits = { linux: { cgroupsPath: `/${box.tag}/deep/er`, resources: { pids: { limit: 100 } } } };
  await survive(t, box, merge(sleeper({ hooks }), limits), MOMENTS / 2);
});

e2e("start, and delete", async (t, box) => {
  const c = box.container(sleeper());
  for (let moment = 0; moment < 20; moment++) {
    await c.create();
    await killedAfter(box, moment / 4, ["start", c.id]);
    t.ok(["created", "running", "stopped"].includes(await c.status()), `start killed at ${moment}`);
    await killedAfter(box, moment / 2, ["delete", "--force", c.id]);
    await checkAndRemove(t, box, c, `delete killed at ${moment}`);
  }
});

e2e("run in the foreground, before its program runs", async (t, box) => {
  const c = box.container(sleeper());
  const time = await timeToCreate(c);
  for (let moment = 0; moment < 20; moment++) {
    await killedAfter(box, (time * moment) / 20, ["run", "--bundle", c.bundle, c.id]);
    await checkAndRemove(t, box, c, `run killed at ${moment}`);
  }
});
