/**
 * `npm run containerd`: containerd and its CRI plugin with tsoci as their runtime, on a host of their own, judged by
 * effects. Prints a table of checks, and says what it needs where something is missing.
 *
 *     npm run containerd                               # everything
 *     npm run containerd -- exec pod                   # checks whose names hold one of these words
 *     npm run containerd -- --runtime /usr/sbin/runc   # with another runtime, to see who is wrong
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { CANNOT_RUN, judge, line, summary, type Verdict } from "../harness/checks.ts";
import { engines } from "../harness/engines.ts";
import { install } from "../harness/installed.ts";
import { onPrivateHost, type PrivateHost } from "../harness/private-host.ts";
import { Containerd } from "./caller.ts";
import { CHECKS } from "./checks.ts";
import { replace } from "./configuration.ts";
import { buildCrictl } from "./crictl.ts";
import { missing } from "./needs.ts";

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { runtime: { type: "string" } },
});

async function run(host: PrivateHost): Promise<boolean> {
  const runtime = resolve(values.runtime ?? engines()[0]?.tsoci ?? "");
  install(runtime, host.directory);
  replace(runtime, host.directory);
  const containerd = new Containerd(host, runtime, await buildCrictl());
  await containerd.start();
  const verdicts: Verdict[] = [];
  for (const check of CHECKS) {
    if (words.length > 0 && !words.some((word) => check.name.includes(word))) continue;
    const verdict = await judge(check, containerd, (caller) => caller.clean());
    console.log(line(verdict));
    verdicts.push(verdict);
  }
  console.log(`\n${summary(verdicts)}`);
  return verdicts.every(({ result }) => result !== "failed");
}

async function main(): Promise<boolean> {
  const needs = missing();
  if (needs !== undefined) {
    console.error(`containerd: ${needs}`);
    process.exit(CANNOT_RUN);
  }
  // Out here, where the network is.
  await buildCrictl();
  return await onPrivateHost("containerd", run);
}

process.exit((await main()) ? 0 : 1);
