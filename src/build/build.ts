/**
 * Builds bin/: `tsoci` (the executor and front door), `tsoci-planner.mjs` (the planner for Node) and, where QuickJS can be
 * fetched, `tsoci-planner` (the planner with its engine).
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ExecaError, execa } from "execa";
import { generate, root } from "./generate.ts";
import { filesBelow, make } from "./make.ts";
import { buildNodePlanner, buildQuickjsPlanner } from "./planner.ts";

const bin = join(root, "bin");

/** Small before fast: the program copies itself for every container. */
const C_FLAGS = [
  ...["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror"],
  ...["-Os", "-static", "-s", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections", "-Wl,-z,noseparate-code"],
];

async function commit(): Promise<string> {
  const { stdout, failed } = await execa("git", ["rev-parse", "--short=12", "HEAD"], { cwd: root, reject: false });
  return failed ? "unknown" : stdout.trim();
}

async function buildExecutor(): Promise<void> {
  const sources = filesBelow(join(root, "src/executor"), /\.c$/);
  const inputs = [...sources, ...filesBelow(join(root, "src/executor"), /\.h$/)];
  const node = `-DNODE_PATH="${process.execPath}"`;
  await make(join(bin, "tsoci"), inputs, [...C_FLAGS, node].join(" "), (output) =>
    execa("gcc", [...C_FLAGS, node, "-o", output, ...sources], { stdio: "inherit" }),
  );
}

async function buildPlanners(): Promise<void> {
  const define = { TSOCI_COMMIT: JSON.stringify(await commit()) };
  const inputs = [...filesBelow(join(root, "src"), /\.(ts|js)$/), join(root, "package-lock.json")];
  await Promise.all([
    buildQuickjsPlanner(join(bin, "tsoci-planner"), inputs, define),
    buildNodePlanner(join(bin, "tsoci-planner.mjs"), inputs, define),
  ]);
}

await generate();
mkdirSync(bin, { recursive: true });
try {
  await Promise.all([buildExecutor(), buildPlanners()]);
} catch (error) {
  // The compilers have said what is wrong.
  console.error(error instanceof ExecaError ? `the build failed: ${error.command.slice(0, 80)}…` : error);
  process.exitCode = 1;
}
