/**
 * The executor under AddressSanitizer and UndefinedBehaviorSanitizer: a directory with such a `tsoci` and the planners
 * beside it, for tests to run containers with. What the sanitizers find goes to standard error and ends the process.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { Engine } from "./harness/engines.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const EXECUTOR = join(PROJECT, "src/executor");
const FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-g", "-O1", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all"];

/**
 * Options that hold whatever environment the executor is started with. Leaks can't be looked for: that takes ptrace(2),
 * which init refuses (PR_SET_DUMPABLE) and a container may not have; and the executor allocates nothing. A report names
 * no symbols: the symbolizer is another program, which no container has.
 */
const DEFAULTS = `
const char *__asan_default_options(void) { return "detect_leaks=0:symbolize=0:detect_stack_use_after_return=0"; }
const char *__ubsan_default_options(void) { return "print_stacktrace=0:silence_unsigned_overflow=1"; }
`;

const REPORT = /ERROR: (Address|UndefinedBehavior)Sanitizer|runtime error:/;

function sources(): string[] {
  return readdirSync(EXECUTOR)
    .filter((name) => name.endsWith(".c"))
    .map((name) => join(EXECUTOR, name));
}

/** Builds it; undefined where gcc comes without the sanitizers' libraries. */
export async function sanitizedEngine(): Promise<Engine | undefined> {
  const directory = mkdtempSync(join(tmpdir(), "tsoci-sanitized-"));
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  const defaults = join(directory, "defaults.c");
  const probe = join(directory, "probe.c");
  const tsoci = join(directory, "tsoci");
  writeFileSync(defaults, DEFAULTS);
  writeFileSync(probe, "int main(void) { return 0; }\n");
  const compile = (files: readonly string[], reject: boolean) =>
    execa(
      "gcc",
      [...FLAGS, "-fsanitize=address,undefined", `-DNODE_PATH="${process.execPath}"`, "-o", tsoci, ...files],
      {
        reject,
      },
    );
  if ((await compile([probe], false)).failed) return undefined;
  await compile([...sources(), defaults], true);
  for (const planner of ["tsoci-planner", "tsoci-planner.mjs"]) {
    const built = join(PROJECT, "bin", planner);
    if (existsSync(built)) symlinkSync(built, join(directory, planner));
  }
  return { name: existsSync(join(directory, "tsoci-planner")) ? "quickjs" : "node", tsoci };
}

/** What the sanitizers said in the files below a directory. */
export function sanitizerReports(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => readFileSync(join(directory, name), "utf8"))
    .filter((text) => REPORT.test(text));
}
