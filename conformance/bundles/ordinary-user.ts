/**
 * An ordinary user: an id that no one has, with a directory of its own. The checkout may be out of that user's reach, so
 * the directory gets a copy of what runs: the runtime with its Node planner, the examples, and hello.ts in one file.
 */
import { chmodSync, chownSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { execa } from "execa";
import { copyRootfs, PROJECT } from "../rootfs.ts";
import { all, ordinaryUserNamespaces, program } from "./needs.ts";

const ID = 54_321;
const AS_USER = ["--reuid", `${ID}`, "--regid", `${ID}`, "--clear-groups"];

interface Finished {
  readonly exitCode?: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface OrdinaryUser {
  readonly id: number;
  /** Laid out like the project. */
  readonly directory: string;
  run(file: string, args: readonly string[]): Promise<Finished>;
  remove(): void;
}

/** The reason why this host has no place for one; false: it has. */
export const noOrdinaryUser: string | false = all(
  process.geteuid?.() === 0 ? false : "needs root, to become another user",
  program("setpriv"),
  ordinaryUserNamespaces(),
  await noNode(),
);

async function noNode(): Promise<string | false> {
  const { exitCode } = await execa("setpriv", [...AS_USER, process.execPath, "--version"], { reject: false });
  return exitCode === 0 ? false : `needs ${process.execPath} in reach of ordinary users`;
}

export async function ordinaryUser(): Promise<OrdinaryUser> {
  const directory = mkdtempSync(join(tmpdir(), "tsoci-user-"));
  await fill(directory);
  for (const name of ["", ...(readdirSync(directory, { recursive: true }) as string[])]) {
    if (!name.includes("rootfs/")) chownSync(join(directory, name), ID, ID);
  }
  chmodSync(directory, 0o755);
  return {
    id: ID,
    directory,
    run: async (file, args) =>
      await execa("setpriv", [...AS_USER, "env", "-i", ...environment(directory), file, ...args], {
        cwd: directory,
        reject: false,
        timeout: 30_000,
      }),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** All of it: tap gives Node variables of its own, which would make it write to the checkout. */
function environment(directory: string): string[] {
  return [`PATH=${dirname(process.execPath)}:${process.env.PATH}`, `TMPDIR=${directory}`, `HOME=${directory}`];
}

async function fill(directory: string): Promise<void> {
  mkdirSync(join(directory, "bin"));
  for (const name of ["tsoci", "tsoci-planner.mjs"]) {
    copyFileSync(join(PROJECT, "bin", name), join(directory, "bin", name));
  }
  const withoutRootfs = (path: string) => !path.startsWith(join(path, "..", "rootfs"));
  for (const name of ["hello", "hello-rootless", "user-namespace"]) {
    cpSync(join(PROJECT, "bundles", name), join(directory, "bundles", name), {
      recursive: true,
      filter: withoutRootfs,
    });
  }
  await copyRootfs(join(directory, "bundles/user-namespace/rootfs"));
  await build({
    entryPoints: [join(PROJECT, "conformance/hello.ts")],
    outfile: join(directory, "conformance/hello.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
}
