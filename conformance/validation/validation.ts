/**
 * `npm run validation`: the validation suite of opencontainers/runtime-tools against bin/tsoci. Fails when any program
 * says something else than expectations.txt expects, for better or for worse.
 *
 *     npm run validation -- --peers                  also runs runc and crun, for comparison
 *     npm run validation -- --only killsig --only start
 *     npm run validation -- --runs 3
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findRuntimes, PEERS, type Runtime } from "../bench/runtimes.ts";
import { type Expectation, readExpectations } from "./expectations.ts";
import { unmountedHierarchies } from "./hierarchies.ts";
import { type Judgement, judge } from "./judge.ts";
import { leftSince, lookForLeftovers } from "./leftovers.ts";
import { closing, counts, isExpected, isUnlike, type Outcome, table } from "./report.ts";
import { changesFor, missingFor, runProgram } from "./run.ts";
import { ensureSuite, missingForSuite, type Suite } from "./suite.ts";

const TSOCI = { path: fileURLToPath(new URL("../../bin/tsoci", import.meta.url)), sweep: false };

async function judgePeer(suite: Suite, { program, needs }: Expectation, peer: Runtime): Promise<Judgement> {
  // crun accepts no container where a hierarchy is in use and not mounted.
  const mounted = [...new Set([...needs.mounted, ...unmountedHierarchies()])];
  return judge(await runProgram(suite, program, { path: peer.path, sweep: true }, { ...needs, mounted }));
}

async function validate(suite: Suite, expectation: Expectation, peers: readonly Runtime[]): Promise<Outcome> {
  const { program, needs, verdict } = expectation;
  const missing = missingFor(needs);
  const outcome = { expectation, judgement: undefined, tries: 0, missing, changes: "", peers: new Map() };
  if (missing !== "") return outcome;
  let judgement: Judgement | undefined;
  let tries = 0;
  while (tries < needs.tries && !(judgement && isExpected(verdict, judgement))) {
    judgement = judge(await runProgram(suite, program, TSOCI, needs));
    tries++;
  }
  const others = new Map<string, Judgement>();
  for (const peer of peers) others.set(peer.name, await judgePeer(suite, expectation, peer));
  return { ...outcome, judgement, tries, changes: changesFor(needs), peers: others };
}

/** The suite, if it can be built and has exactly the programs of expectations.txt; else says why not. */
function buildSuite(expectations: readonly Expectation[]): Suite | undefined {
  try {
    const suite = ensureSuite();
    const expected = expectations.map(({ program }) => program);
    const differ = [
      ...suite.programs.filter((name) => !expected.includes(name)).map((name) => `${name} is not in expectations.txt`),
      ...expected.filter((name) => !suite.programs.includes(name)).map((name) => `${name} is not in the suite`),
    ];
    if (differ.length === 0) return suite;
    console.log(`The validation suite has changed: ${differ.join("; ")}`);
  } catch (error) {
    console.log(`The validation suite can't be built: ${(error as Error).message}`);
  }
  console.log(`\n0 passed, ${expectations.length} failed, 0 skipped`);
  return undefined;
}

function findPeers(): Runtime[] {
  const { runtimes, missing } = findRuntimes();
  for (const name of missing) console.log(`${name} is left out: it is not installed`);
  return runtimes.filter(({ name }) => PEERS.some((peer) => peer === name));
}

/** Set by a signal. The program that runs then is waited for, so that nothing of it is left. */
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    interrupted = true;
  });
}

/** One run of the chosen programs. */
async function runOnce(suite: Suite, chosen: readonly Expectation[], peers: readonly Runtime[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const expectation of chosen) {
    if (!interrupted) outcomes.push(await validate(suite, expectation, peers));
  }
  const names = peers.map(({ name }) => name);
  console.log(`\n${table(outcomes, names)}\n${counts(outcomes)}`);
  return outcomes;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      peers: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      runs: { type: "string", default: "1" },
    },
  });
  const expectations = readExpectations();
  const needs = process.geteuid?.() === 0 ? missingForSuite() : "it needs root";
  if (needs !== "") {
    console.log(`The validation suite can't run here: ${needs}\n\n0 passed, 0 failed, ${expectations.length} skipped`);
    return;
  }
  const suite = buildSuite(expectations);
  if (!suite) {
    process.exitCode = 1;
    return;
  }
  console.log(`runtime-tools ${suite.version}, built in ${suite.directory}`);
  const peers = values.peers ? findPeers() : [];
  const chosen = expectations.filter(({ program }) => values.only.length === 0 || values.only.includes(program));
  const before = lookForLeftovers();
  const outcomes: Outcome[] = [];
  for (let run = 0; run < Number(values.runs) && !interrupted; run++) {
    outcomes.push(...(await runOnce(suite, chosen, peers)));
  }
  const problems = (await leftSince(before)).map((name) => `left behind: ${name}`);
  if (interrupted) problems.push("interrupted by a signal");
  console.log(`\n${[...problems, closing(outcomes, problems.length)].join("\n")}`);
  if (problems.length > 0 || outcomes.some(isUnlike)) process.exitCode = 1;
}

await main();
