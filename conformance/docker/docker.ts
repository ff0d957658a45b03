/**
 * `npm run docker`: Docker with tsoci as its runtime, on a host of its own, judged by effects. Prints a table of checks, and
 * says what it needs where something is missing.
 *
 *     npm run docker                               # everything
 *     npm run docker -- exec stats                 # checks whose names hold one of these words
 *     npm run docker -- --runtime /usr/sbin/runc   # with another runtime, to see who is wrong
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { CANNOT_RUN, judge, line, summary, type Verdict } from "../harness/checks.ts";
import { engines } from "../harness/engines.ts";
import { install } from "../harness/installed.ts";
import { onPrivateHost, type PrivateHost } from "../harness/private-host.ts";
import { Docker } from "./caller.ts";
import { CHECKS } from "./checks.ts";
import { missing } from "./needs.ts";

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { runtime: { type: "string" } },
});

/** What dockerd, its containerd and the shims thought worth a warning. */
function complaints(log: string): string {
  const lines = log.split("\n").filter((text) => /level=(warning|error|fatal)/.test(text));
  return lines.map((text) => `    dockerd: ${text}`).join("\n");
}

async function run(host: PrivateHost): Promise<boolean> {
  const runtime = resolve(values.runtime ?? engines()[0]?.tsoci ?? "");
  install(runtime, host.directory);
  const docker = new Docker(host, runtime);
  await docker.start();
  const verdicts: Verdict[] = [];
  for (const check of CHECKS) {
    if (words.length > 0 && !words.some((word) => check.name.includes(word))) continue;
    const before = docker.daemon.log().length;
    const verdict = await judge(check, docker, (caller) => caller.clean());
    console.log(line(verdict));
    if (verdict.result === "failed") console.log(complaints(docker.daemon.log().slice(before)));
    verdicts.push(verdict);
  }
  console.log(`\n${summary(verdicts)}`);
  return verdicts.every(({ result }) => result !== "failed");
}

async function main(): Promise<boolean> {
  const needs = missing();
  if (needs !== undefined) {
    console.error(`docker: ${needs}`);
    process.exit(CANNOT_RUN);
  }
  return await onPrivateHost("docker", run);
}

process.exit((await main()) ? 0 : 1);
