/**
 * `npm run validation`: the validation suite of opencontainers/runtime-tools against bin/tsoci. Fails when any program
 * says something else than expectations.txt expects, for better or for worse.
 *
 *     npm run validation -- --peers                  also runs runc and crun, for comparison
 *     npm run validation -- --only killsig --only start
 *     npm run validation -- --runs 3
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findRuntimes, PEERS, type Runtime } from "../bench/runtimes.ts";
import { type Expectation, readExpectations } from "./expectations.ts";
import { type Judgement, judge } from "./judge.ts";
import { isExpected, type Outcome, summary, table } from "./report.ts";
import { changesFor, missingFor, runProgram, unmountedHierarchies } from "./run.ts";
import { ensureSuite, missingForSuite, type Suite } from "./suite.ts";

const TSOCI = fileURLToPath(new URL("../../bin/tsoci", import.meta.url));

function judgePeer(suite: Suite, { program, needs }: Expectation, peer: Runtime): Judgement {
  // crun accepts no container where a hierarchy is in use and not mounted.
  const mounted = [...new Set([...needs.mounted, ...unmountedHierarchies()])];
  return judge(runProgram(suite, program, peer.path, { ...needs, mounted }));
}

function validate(suite: Suite, expectation: Expectation, peers: readonly Runtime[]): Outcome {
  const { program, needs, verdict } = expectation;
  const missing = missingFor(needs);
  let judgement: Judgement | undefined;
  let tries = 0;
  while (missing === "" && tries < needs.tries && !(judgement && isExpected(verdict, judgement))) {
    judgement = judge(runProgram(suite, program, TSOCI, needs));
    tries++;
  }
  const others = missing === "" ? peers : [];
  return {
    expectation,
    judgement,
    tries,
    missing,
    changes: missing === "" ? changesFor(needs) : "",
    peers: new Map(others.map((peer) => [peer.name, judgePeer(suite, expectation, peer)])),
  };
}

/** Throws unless the programs of the suite and the lines of expectations.txt are the same. */
function checkComplete({ programs }: Suite, expectations: readonly Expectation[]): void {
  const expected = expectations.map(({ program }) => program);
  const differ = [
    ...programs.filter((program) => !expected.includes(program)).map((name) => `${name} is not in expectations.txt`),
    ...expected.filter((program) => !programs.includes(program)).map((name) => `${name} is not in the suite`),
  ];
  if (differ.length > 0) throw new Error(differ.join("; "));
}

function findPeers(): Runtime[] {
  const { runtimes, missing } = findRuntimes();
  for (const name of missing) console.log(`${name} is left out: it is not installed`);
  return runtimes.filter(({ name }) => PEERS.some((peer) => peer === name));
}

function main(): void {
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
  const suite = ensureSuite();
  checkComplete(suite, expectations);
  const peers = values.peers ? findPeers() : [];
  const chosen = expectations.filter(({ program }) => values.only.length === 0 || values.only.includes(program));
  console.log(`runtime-tools ${suite.version}, from ${join(suite.directory)}`);
  for (let run = 1; run <= Number(values.runs); run++) {
    const outcomes = chosen.map((expectation) => validate(suite, expectation, peers));
    console.log(
      `\n${table(
        outcomes,
        peers.map(({ name }) => name),
      )}\n${summary(outcomes)}`,
    );
    const unlike = outcomes.some(
      ({ expectation, judgement }) => judgement && !isExpected(expectation.verdict, judgement),
    );
    if (unlike) process.exitCode = 1;
  }
}

main();
