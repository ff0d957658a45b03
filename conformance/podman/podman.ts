/**
 * `npm run podman`: Podman with tsoci as its runtime, as root and as an ordinary user, judged by effects. Prints a table
 * of checks and the reasons of failures; a check that fails is tried with the peers of this machine, to see who is wrong.
 *
 *     npm run podman                              # everything
 *     npm run podman -- exec pod                  # checks whose names hold one of these words
 *     npm run podman -- --runtime /usr/bin/crun   # with another runtime
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { find, PEERS } from "../bench/runtimes.ts";
import { CANNOT_RUN, summary } from "../harness/checks.ts";
import { copyTo, engines } from "../harness/engines.ts";
import { Podman } from "./caller.ts";
import { CHECKS } from "./checks.ts";
import { missing } from "./needs.ts";
import { root, rootless } from "./places.ts";
import { report } from "./report.ts";
import { judge, type Verdict } from "./verdict.ts";
import { furnish, runInside, type World } from "./world.ts";

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { runtime: { type: "string" } },
});

/** The one under test: default is the built tsoci, where ordinary users get at it. */
function runtimeOf(world: World): string {
  const [engine] = engines();
  if (values.runtime !== undefined || engine === undefined) return values.runtime ?? "";
  return copyTo(join(world.directory, "bin"), engine).tsoci;
}

/** The peers of this machine, without the one under test. */
function peersOf(runtime: string): string[] {
  return PEERS.map(find).filter((path): path is string => path !== undefined && path !== runtime);
}

async function run(world: World): Promise<boolean> {
  const checks = CHECKS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  const runtime = runtimeOf(world);
  const peers = peersOf(runtime);
  const callers: Podman[] = [];
  for (const place of [root(world), rootless(world)]) callers.push(await Podman.prepare(place, runtime));
  const verdicts: Verdict[] = [];
  for (const check of checks) {
    // Side by side: they share nothing.
    const found = await Promise.all(callers.map((podman) => judge(check, podman, peers)));
    console.log(report(found));
    verdicts.push(...found);
  }
  console.log(`\n${summary(verdicts)}`);
  return verdicts.every(({ result }) => result !== "failed");
}

async function main(): Promise<boolean> {
  const needs = missing();
  if (needs !== undefined) {
    console.error(`podman: ${needs}`);
    process.exit(CANNOT_RUN);
  }
  const world = furnish();
  return world ? await run(world) : await runInside();
}

process.exitCode = (await main()) ? 0 : 1;
