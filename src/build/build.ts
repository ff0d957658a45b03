/**
 * Builds bin/: `tsoci` (the executor and front door), `tsoci-planner.mjs` (the planner for Node) and, where Bun's package
 * for this machine is installed, `tsoci-planner` (the planner with its engine).
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build as bundle } from "esbuild";
import { ExecaError, execa } from "execa";
import { generate, root } from "./generate.ts";

const bin = join(root, "bin");
const entry = join(root, "src/cli/main.ts");

/** Small before fast: the program copies itself for every container. */
const C_FLAGS = [
  ...["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror"],
  ...["-Os", "-static", "-s", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections", "-Wl,-z,noseparate-code"],
];

async function commit(): Promise<string> {
  const { stdout, failed } = await execa("git", ["rev-parse", "--short=12", "HEAD"], { cwd: root, reject: false });
  return failed ? "unknown" : stdout.trim();
}

/** Whether a target is newer than all that it was made from; the list of sources is recorded beside it. */
function isFresh(target: string, inputs: readonly string[], settings: string): boolean {
  const stamp = `${target}.stamp`;
  if (!existsSync(target) || !existsSync(stamp)) return false;
  return readFileSync(stamp, "utf8") === fingerprint(inputs, settings);
}

function fingerprint(inputs: readonly string[], settings: string): string {
  const hash = createHash("sha256").update(settings);
  for (const input of [...inputs].sort()) hash.update(input).update(readFileSync(input));
  return hash.digest("hex");
}

function filesBelow(directory: string, suffix: RegExp): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => suffix.test(path) && !/\.test\.ts$|\/fuzz\//.test(path) && statSync(path).isFile());
}

async function make(
  target: string,
  inputs: readonly string[],
  settings: string,
  build: (output: string) => Promise<unknown>,
): Promise<void> {
  if (isFresh(target, inputs, settings)) return;
  const temporary = `${target}.new`;
  await build(temporary);
  renameSync(temporary, target);
  writeFileSync(`${target}.stamp`, fingerprint(inputs, settings));
}

async function buildExecutor(): Promise<void> {
  const sources = filesBelow(join(root, "src/executor"), /\.c$/);
  const inputs = [...sources, ...filesBelow(join(root, "src/executor"), /\.h$/)];
  const node = `-DNODE_PATH="${process.execPath}"`;
  await make(join(bin, "tsoci"), inputs, [...C_FLAGS, node].join(" "), (output) =>
    execa("gcc", [...C_FLAGS, node, "-o", output, ...sources], { stdio: "inherit" }),
  );
}

async function buildNodePlanner(inputs: readonly string[], define: Record<string, string>): Promise<void> {
  await make(join(bin, "tsoci-planner.mjs"), inputs, JSON.stringify(define), (output) =>
    bundle({
      entryPoints: [entry],
      outfile: output,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      minify: true,
      define,
      legalComments: "none",
      logLevel: "error",
      // Packages in CommonJS (commander, execa's) ask for Node's modules by require.
      banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
    }),
  );
}

/** Bun comes as an optional dependency, one package for each kind of machine. */
function findBun(): string | undefined {
  const require = createRequire(import.meta.url);
  const machine = process.arch === "arm64" ? "aarch64" : "x64";
  for (const name of [`bun-linux-${machine}`, `bun-linux-${machine}-baseline`]) {
    try {
      const path = join(require.resolve(`@oven/${name}/package.json`), "../bin/bun");
      if (existsSync(path)) return path;
    } catch {
      // Not installed on this machine.
    }
  }
  return undefined;
}

async function buildBunPlanner(inputs: readonly string[], define: Record<string, string>): Promise<void> {
  const target = join(bin, "tsoci-planner");
  const bun = findBun();
  if (bun === undefined) {
    for (const file of [target, `${target}.stamp`]) rmSync(file, { force: true });
    console.log("Bun is not installed: tsoci will run its planner with Node.");
    return;
  }
  await make(target, inputs, `${bun} ${JSON.stringify(define)}`, async (output) => {
    const compile = (...more: string[]) =>
      execa(bun, [...bunArguments(define, output), ...more, entry], { cwd: root, stdout: "ignore", stderr: "inherit" });
    await compile();
    const order = join(bin, "bytecode-order");
    await recordOrder(output, order);
    await compile(`--bytecode-order=${order}`);
    rmSync(order);
  });
}

function bunArguments(define: Record<string, string>, output: string): string[] {
  return [
    "build",
    "--compile",
    "--minify",
    "--bytecode",
    // A bundle is not trusted to bring settings for the engine.
    "--no-compile-autoload-dotenv",
    "--no-compile-autoload-bunfig",
    ...Object.entries(define).map(([name, value]) => `--define=${name}=${value}`),
    `--outfile=${output}`,
  ];
}

/** Plans a container once, so that Bun can lay out the code as `create` uses it: a millisecond of every start. */
async function recordOrder(planner: string, order: string): Promise<void> {
  const plan = openSync("/dev/null", "w");
  try {
    await execa(planner, ["/run/tsoci", "create", "-b", join(root, "bundles/hello"), "hello"], {
      // The types of execa know no numbers above 9.
      stdio: ["ignore", "ignore", "inherit", plan as 4],
      env: { BUN_BYTECODE_ORDER_OUT: order, BUN_JSC_useJIT: "0" },
      extendEnv: false,
    });
  } finally {
    closeSync(plan);
  }
}

await generate();
mkdirSync(bin, { recursive: true });
const define = { TSOCI_COMMIT: JSON.stringify(await commit()) };
const inputs = [...filesBelow(join(root, "src"), /\.(ts|js)$/), join(root, "package-lock.json")];
try {
  await Promise.all([buildExecutor(), buildNodePlanner(inputs, define), buildBunPlanner(inputs, define)]);
} catch (error) {
  // The compilers have said what is wrong.
  console.error(error instanceof ExecaError ? `the build failed: ${error.command.slice(0, 80)}…` : error);
  process.exitCode = 1;
}
