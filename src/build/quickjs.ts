/** QuickJS, the engine of the compiled planner: fetched from the registry of Rust's packages and compiled once. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { root } from "./generate.ts";

/** rquickjs-sys carries the sources of quickjs-ng as they are; no other registry at hand has them in a kept package. */
const PACKAGE = "rquickjs-sys-0.14.0";
const ADDRESS = `https://static.crates.io/crates/rquickjs-sys/${PACKAGE}.crate`;
const SHA256 = "cee271d0eeba64f0915b846cb7ae02e16faf3dfdffdca91731101d9d30fe3423";

const SOURCES = ["quickjs", "dtoa", "libregexp", "libunicode"];
/** As its own build has them; warnings in it are its maintainers' business. */
const FLAGS = ["-O2", "-w", "-D_GNU_SOURCE", "-DNDEBUG", "-DQUICKJS_NG_BUILD", "-funsigned-char"];

/** Inside what `npm ci` replaces, like every other dependency. */
const cache = join(root, "node_modules/.cache/tsoci");

/** What a C program needs that embeds the engine. */
export interface Quickjs {
  /** Where quickjs.h is. */
  readonly include: string;
  readonly objects: readonly string[];
}

/**
 * Fetches and compiles whatever is not there yet. Returns nothing when the registry can't be reached, having said so; throws
 * an Error when it gives something else than it should, or when gcc fails.
 */
export async function quickjs(): Promise<Quickjs | undefined> {
  const include = join(cache, PACKAGE, "quickjs");
  if (!existsSync(include)) {
    const bytes = await download();
    if (bytes === undefined) return undefined;
    await unpack(bytes);
  }
  const objects = SOURCES.map((name) => join(cache, PACKAGE, `${name}.o`));
  await Promise.all(objects.map((object, index) => compile(join(include, `${SOURCES[index]}.c`), object)));
  return { include, objects };
}

async function download(): Promise<Uint8Array | undefined> {
  let bytes: Uint8Array;
  try {
    const response = await fetch(ADDRESS);
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    console.log(`QuickJS can't be fetched, so tsoci will run its planner with Node: ${ADDRESS}: ${error}`);
    return undefined;
  }
  if (createHash("sha256").update(bytes).digest("hex") !== SHA256) throw new Error(`${ADDRESS} is not what it was`);
  return bytes;
}

async function unpack(bytes: Uint8Array): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const archive = join(cache, `${PACKAGE}.crate`);
  writeFileSync(archive, bytes);
  await execa("tar", ["-xzf", archive, "-C", cache, `${PACKAGE}/quickjs`]);
  rmSync(archive);
}

async function compile(source: string, object: string): Promise<void> {
  if (existsSync(object)) return;
  await execa("gcc", [...FLAGS, "-c", source, "-o", `${object}.new`], { stdio: "inherit" });
  await execa("mv", [`${object}.new`, object]);
}
