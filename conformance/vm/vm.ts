/**
 * `npm run vm`: the end-to-end tests in a virtual machine on pure cgroup v2. README.md beside this file says more.
 *
 *     npm run vm -- --ci
 *     npm run vm -- --kernel 6.12 conformance/e2e/cgroups.test.ts
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../../src/build/generate.ts";
import { CANNOT_RUN } from "../harness/checks.ts";
import { missingPrograms } from "../harness/needs.ts";
import { compile } from "./compile.ts";
import { kernel } from "./kernel.ts";
import { accelerator, type Machine, outputOf, runMachine } from "./machine.ts";
import { Collector } from "./results.ts";

const TESTS = "conformance/e2e";
/** What differs most on cgroup v2: fits the time of CI on an emulated machine. */
const CI = ["cgroup-v2", "cgroups", "cgroup-limits", "rootless-cgroups", "rootless", "devices", "exec"].map(
  (name) => `${TESTS}/${name}.test.ts`,
);
/** As long as .taprc says. */
const FILE_SECONDS = 120;
const FIXTURES = "src/facts/fixtures";

const { values, positionals } = parseArgs({
  options: {
    kernel: { type: "string", default: "" },
    suite: { type: "string", default: "" },
    engine: { type: "string", default: "quickjs" },
    jobs: { type: "string", default: "2" },
    patience: { type: "string" },
    memory: { type: "string", default: "4096" },
    ci: { type: "boolean", default: false },
    systemd: { type: "boolean", default: false },
    shell: { type: "boolean", default: false },
    record: { type: "boolean", default: false },
  },
  allowPositionals: true,
});

/** Programs → Debian's packages. */
const NEEDS = {
  "qemu-system-x86_64": "qemu-system-x86",
  unshare: "util-linux",
  setpriv: "util-linux",
  mke2fs: "e2fsprogs",
  "dpkg-deb": "dpkg",
  xz: "xz-utils",
  ip: "iproute2",
} as const;

/** What this machine lacks, in words; undefined when the virtual one can run. */
function missing(): string | undefined {
  return process.geteuid?.() === 0 ? missingPrograms(NEEDS) : "needs root";
}

function testFiles(): readonly string[] {
  if (positionals.length > 0) return positionals;
  if (values.ci) return CI;
  const names = readdirSync(join(root, TESTS)).filter((name) => name.endsWith(".test.ts"));
  return names.map((name) => `${TESTS}/${name}`);
}

/** What the machine runs; a test file has as long as `npm test` gives it, times the patience. */
function testCommand(files: readonly string[], patience: number): string {
  return [
    ...(values.engine === "both" ? [] : [`export TSOCI_ENGINE=${values.engine}`]),
    `export TSOCI_E2E_PATIENCE=${patience} TAP_TIMEOUT=${FILE_SECONDS * patience}`,
    `sh conformance/vm/guest/tests ${Number(values.jobs)} ${files.join(" ")}`,
  ].join("\n");
}

const SHELL = "setsid --ctty bash < /dev/ttyS0 > /dev/ttyS0 2>&1";
const RECORD = "sh conformance/vm/guest/record > /mnt/out/errors 2>&1";

async function machine(directory: string): Promise<Machine> {
  const using = accelerator();
  const patience = Number(values.patience ?? (using === "tcg" ? 20 : 2));
  const command = values.shell ? SHELL : values.record ? RECORD : testCommand(testFiles(), patience);
  return {
    kernel: await kernel(values.kernel, values.suite),
    directory,
    command,
    accelerator: using,
    cpus: 2,
    mebibytes: Number(values.memory),
    systemd: values.systemd,
    interactive: values.shell,
  };
}

/** Returns how many tests failed. A file that never reported is one. */
async function test(directory: string): Promise<number> {
  const plan = await machine(directory);
  const files = testFiles();
  const out = outputOf(directory);
  await compile(join(out, "compiled"));
  console.log(`Linux ${plan.kernel.release}, cgroup v2, ${plan.accelerator}: ${files.length} files`);
  const collector = new Collector(out, (line) => console.log(line));
  const timer = setInterval(() => collector.look(), 1000);
  const start = Date.now();
  try {
    await runMachine(plan);
  } finally {
    clearInterval(timer);
    collector.look();
  }
  const silent = files.filter((file) => !collector.results.has(basename(file, ".test.ts")));
  for (const file of silent) console.log(`not ok ${file}: no report`);
  const results = [...collector.results.values()];
  const failed = sum(results.map(({ failures }) => failures.length)) + silent.length;
  if (failed > 0) keep(directory);
  console.log(`\n${Math.round((Date.now() - start) / 6000) / 10} minutes`);
  console.log(
    `${sum(results.map(({ passed }) => passed))} passed, ${failed} failed, ${sum(results.map(({ skipped }) => skipped))} skipped`,
  );
  return failed;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Keeps what the machine said where it can be looked at. */
function keep(directory: string): void {
  const kept = join(root, "node_modules/.cache/tsoci/vm-failed");
  rmSync(kept, { recursive: true, force: true });
  cpSync(outputOf(directory), kept, { recursive: true, filter: (path) => basename(path) !== "compiled" });
  cpSync(join(directory, "console"), join(kept, "console"));
  console.log(`\nThe reports and the machine's console are kept in ${kept}.`);
}

/** Returns 1 when the machine could not tell everything. */
async function record(directory: string): Promise<number> {
  const out = outputOf(directory);
  await compile(join(out, "compiled"));
  await runMachine(await machine(directory));
  const errors = readFileSync(join(out, "errors"), "utf8");
  if (errors !== "") {
    console.log(errors);
    return 1;
  }
  for (const name of readdirSync(out).filter((file) => file.endsWith(".json"))) {
    cpSync(join(out, name), join(root, FIXTURES, name));
    console.log(`${FIXTURES}/${name}`);
  }
  return 0;
}

const lacking = missing();
if (lacking !== undefined) {
  console.log(`vm: ${lacking}`);
  process.exit(CANNOT_RUN);
}
const directory = mkdtempSync(join(tmpdir(), "tsoci-vm-"));
process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(1));
if (values.shell) await runMachine(await machine(directory));
else process.exitCode = (await (values.record ? record : test)(directory)) > 0 ? 1 : 0;
