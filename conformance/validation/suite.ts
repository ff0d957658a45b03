/** The programs of opencontainers/runtime-tools, built from the version that conformance/go.mod names. */
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execaSync } from "execa";

const MODULE = "github.com/opencontainers/runtime-tools";
/** The program of the suite that runs inside of containers. */
const INSIDE = "runtimetest";
const CONFORMANCE = fileURLToPath(new URL("..", import.meta.url));
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/tsoci-validation", import.meta.url));
/** The suite brings root filesystems for these, by Node's name. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

export interface Suite {
  /** With the programs, and what they look for in the current directory. */
  readonly directory: string;
  readonly version: string;
  readonly programs: readonly string[];
}

/** "" where the suite can be built; else what it needs. */
export function missingForSuite(): string {
  if (!ARCHITECTURES[process.arch]) return `the suite has no root filesystem for ${process.arch}: it needs x64 or ia32`;
  const { failed, stdout = "" } = execaSync("go", ["env", "GOVERSION"], { reject: false, cwd: CONFORMANCE });
  const [, minor = "0"] = /^go1\.(\d+)/.exec(stdout) ?? [];
  const needed = /^go 1\.(\d+)/m.exec(goMod())?.[1] ?? "";
  if (!failed && Number(minor) >= Number(needed)) return "";
  return `it needs Go 1.${needed} or newer in PATH, and the Go module proxy${failed ? "" : `; here is ${stdout}`}`;
}

function goMod(): string {
  return readFileSync(join(CONFORMANCE, "go.mod"), "utf8");
}

function go(...args: readonly string[]): string {
  // Static: some run in root filesystems without a C library.
  const { failed, stdout, stderr } = execaSync("go", args, {
    cwd: CONFORMANCE,
    env: { CGO_ENABLED: "0" },
    reject: false,
  });
  if (failed) throw new Error(`go ${args[0]}: ${stderr}`);
  return stdout;
}

/** Builds the suite, or finds it built. Throws when Go can't. */
export function ensureSuite(): Suite {
  const version = new RegExp(`${MODULE} (\\S+)`).exec(goMod())?.[1] ?? "";
  const sum = readFileSync(join(CONFORMANCE, "go.sum"));
  const key = createHash("sha256")
    .update(goMod())
    .update(sum)
    .update(go("env", "GOVERSION"))
    .digest("hex")
    .slice(0, 12);
  const directory = join(CACHE, key);
  if (!existsSync(directory)) {
    mkdirSync(CACHE, { recursive: true });
    const unfinished = mkdtempSync(join(CACHE, "unfinished-"));
    try {
      build(unfinished);
      renameSync(unfinished, directory);
    } catch (error) {
      rmSync(unfinished, { recursive: true });
      throw error;
    }
  }
  const programs = readdirSync(directory).filter((name) => name !== INSIDE && !name.endsWith(".tar.gz"));
  return { directory, version, programs: programs.sort() };
}

function build(directory: string): void {
  const packages = [`${MODULE}/validation/...`, `${MODULE}/cmd/${INSIDE}`];
  go("build", "-mod=readonly", "-trimpath", "-ldflags=-s -w", "-o", `${directory}/`, ...packages);
  const archive = `rootfs-${ARCHITECTURES[process.arch]}.tar.gz`;
  copyFileSync(join(go("list", "-mod=readonly", "-m", "-f", "{{.Dir}}", MODULE), archive), join(directory, archive));
}
