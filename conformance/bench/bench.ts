/**
 * `npm run bench`: lifecycles of the same container by tsoci and by the runtimes of this machine, interleaved. Prints
 * medians with the middle half of the times, ratios, and bars. Nothing is asserted: machines differ.
 *
 *     npm run bench -- --rounds 100
 */
import { parseArgs } from "node:util";
import { execaSync } from "execa";
import { mountHierarchies, unifiedControllers, unmountedHierarchies } from "../harness/hierarchies.ts";
import { makeLaboratory, removeLaboratory } from "./laboratory.ts";
import { cleanUp, type Laboratory, lifecycle, type Phase } from "./lifecycle.ts";
import { bars, table } from "./picture.ts";
import { findRuntimes, type Runtime } from "./runtimes.ts";

const WARM_UP = 2;

/** One lifecycle of each, in an order that turns: none always follows the same neighbour. */
function measure(lab: Laboratory, runtimes: readonly Runtime[], rounds: number): Map<string, Record<Phase, number>[]> {
  const samples = new Map(runtimes.map(({ name }): [string, Record<Phase, number>[]] => [name, []]));
  for (let round = -WARM_UP; round < rounds; round++) {
    for (let turn = 0; turn < runtimes.length; turn++) {
      const runtime = runtimes[(turn + round + WARM_UP) % runtimes.length];
      if (!runtime) continue;
      const sample = lifecycle(lab, runtime);
      if (round >= 0) samples.get(runtime.name)?.push(sample);
    }
  }
  return samples;
}

/** Leaves out whoever can't run the container here, with the reason. */
function usable(lab: Laboratory, runtimes: readonly Runtime[]): Runtime[] {
  return runtimes.filter((runtime) => {
    try {
      lifecycle(lab, runtime);
      return true;
    } catch (error) {
      console.log(`${runtime.name} is left out: ${(error as Error).message}`);
      cleanUp(lab, runtime);
      return false;
    }
  });
}

function bench(rounds: number): void {
  // crun wants every v1 hierarchy that the kernel has in use to be mounted, and no controller on cgroup2 beside them.
  mountHierarchies([...unmountedHierarchies(), ...unifiedControllers()]);
  const lab = makeLaboratory();
  try {
    const { runtimes, missing } = findRuntimes();
    for (const name of missing) console.log(`${name} is left out: it is not installed`);
    const samples = measure(lab, usable(lab, runtimes), rounds);
    console.log(`\n${rounds} rounds; milliseconds: median (first and third quartile)\n`);
    console.log(`${table(samples)}\n${bars(samples)}`);
  } finally {
    removeLaboratory(lab);
  }
}

function main(): void {
  const { values } = parseArgs({ options: { rounds: { type: "string", default: "40" } } });
  if (process.geteuid?.() !== 0) throw new Error("the benchmark needs root");
  if (process.env.TSOCI_BENCH === "private") {
    process.on("SIGINT", () => undefined);
    bench(Number(values.rounds));
    return;
  }
  // In a mount namespace of its own, for it mounts cgroup hierarchies.
  const [, script = ""] = process.argv;
  const command = [
    "--mount",
    "--propagation",
    "private",
    process.execPath,
    ...process.execArgv,
    script,
    ...process.argv.slice(2),
  ];
  const { exitCode } = execaSync("unshare", command, {
    stdio: "inherit",
    env: { TSOCI_BENCH: "private" },
    reject: false,
  });
  process.exitCode = exitCode ?? 1;
}

main();
