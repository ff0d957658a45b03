/**
 * `npm run fuzz [-- seconds]`: feeds the executor's plan reader with broken plans under AddressSanitizer and
 * UndefinedBehaviorSanitizer, starting from real ones. Stops with status 1 at the first crash, and says where it is.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { generate, root } from "../src/build/generate.ts";
import { FIXTURES } from "../src/facts/recorded.ts";
import { planContainer } from "../src/linux/container.ts";
import { contextFor, PROCESS } from "../src/linux/testing/context.ts";
import type { Plan } from "../src/plan/plan.ts";
import { everyOperation, planOfEverything } from "../src/plan/testing/every-operation.ts";
import { encode } from "../src/plan/wire.ts";

const DEFAULT_SECONDS = 60;
const LONGEST_INPUT = 1 << 16;
const SANITIZERS = "-fsanitize=fuzzer,address,undefined";
const FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-g", "-O1", "-fno-sanitize-recover=undefined", SANITIZERS];

/** "" where clang comes with libFuzzer; else what is missing. */
async function missing(directory: string): Promise<string> {
  const probe = join(directory, "probe.c");
  writeFileSync(
    probe,
    "int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { (void)d; (void)n; return 0; }\n",
  );
  const { failed, stderr } = await execa("clang", [SANITIZERS, "-o", `${probe}.out`, probe], { reject: false });
  return failed ? (stderr || "there is no clang").trim() : "";
}

async function build(directory: string): Promise<string> {
  const executor = join(root, "src/executor");
  const below = (path: string) =>
    readdirSync(path)
      .filter((name) => name.endsWith(".c") && name !== "main.c")
      .map((name) => join(path, name));
  const output = join(directory, "fuzz-plan");
  await execa("clang", [...FLAGS, "-o", output, ...below(executor), ...below(join(executor, "fuzz"))], {
    stdio: "inherit",
  });
  return output;
}

/** Real plans, and one with every operation there is. */
function seeds(): Plan[] {
  const linux = { namespaces: [{ type: "user" }, { type: "mount" }, { type: "pid" }] } as const;
  const maps = [{ containerID: 0, hostID: 0, size: 65536 }];
  const hook = { path: "/bin/hook", env: ["A=b"] };
  const plans = FIXTURES.filter((host) => host !== "none").flatMap((host): Plan[] => {
    const plan = planContainer(
      contextFor(
        {
          process: { ...PROCESS, terminal: true },
          hooks: { createRuntime: [hook], poststop: [hook] },
          linux: { ...linux, uidMappings: maps, gidMappings: maps },
        },
        { host },
      ),
    );
    return plan.later ? [plan, plan.later] : [plan];
  });
  const single = everyOperation().map((operation): Plan => {
    return { failure: "", failureStatus: 1, sections: { host: [operation] } };
  });
  return [...plans, ...single, planOfEverything()];
}

function writeSeeds(directory: string): void {
  mkdirSync(directory);
  for (const [index, plan] of seeds().entries()) writeFileSync(join(directory, String(index)), encode(plan));
}

/** Runs for so long; returns whether nothing was found. */
async function fuzz(directory: string, seconds: number): Promise<boolean> {
  const program = await build(directory);
  const corpus = join(directory, "corpus");
  mkdirSync(corpus);
  writeSeeds(join(directory, "seeds"));
  const options = {
    max_total_time: seconds,
    max_len: LONGEST_INPUT,
    timeout: 10,
    rss_limit_mb: 2048,
    print_final_stats: 1,
    artifact_prefix: `${directory}/`,
  };
  const flags = Object.entries(options).map(([name, value]) => `-${name}=${value}`);
  const { failed } = await execa(program, [...flags, corpus, join(directory, "seeds")], {
    reject: false,
    stdin: "ignore",
    stdout: "inherit",
    stderr: { file: join(directory, "log") },
  });
  report(directory, failed);
  return !failed;
}

function report(directory: string, failed: boolean): void {
  const log = readFileSync(join(directory, "log"), "utf8").split("\n");
  if (failed) {
    console.log(log.slice(-60).join("\n"));
    console.log(`The plan reader broke; the input and the log are in ${directory}`);
    return;
  }
  const last = log.find((line) => /^#\d+\s+DONE\s/.test(line)) ?? "";
  const runs = log.find((line) => line.startsWith("stat::number_of_executed_units"))?.split(/\s+/)[1];
  const pace = log.find((line) => line.startsWith("stat::average_exec_per_sec"))?.split(/\s+/)[1];
  console.log(`${runs} plans read, ${pace} a second, nothing found: ${last.replace(/^#\d+\s+DONE\s+/, "")}`);
}

const seconds = Number(process.argv[2] ?? DEFAULT_SECONDS);
const directory = mkdtempSync(join(tmpdir(), "tsoci-fuzz-"));
await generate();
const lacking = await missing(directory);
if (lacking !== "") {
  console.log(
    `SKIP fuzzing: clang with libFuzzer is missing (Debian: apt-get install clang libclang-rt-dev)\n${lacking}`,
  );
} else if (!(await fuzz(directory, seconds))) {
  process.exitCode = 1;
}
if (process.exitCode !== 1 && existsSync(directory)) rmSync(directory, { recursive: true });
