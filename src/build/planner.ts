/** Builds the planner: for Node as one file of JavaScript, and with QuickJS as a program (src/engine). */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BuildOptions, build as bundle } from "esbuild";
import { execa } from "execa";
import { root } from "./generate.ts";
import { filesBelow, make } from "./make.ts";
import { type Quickjs, quickjs } from "./quickjs.ts";

const engine = join(root, "src/engine");

const common = { bundle: true, minify: true, legalComments: "none", logLevel: "error" } satisfies BuildOptions;

type Constants = Readonly<Record<string, string>>;

/** `tsoci-planner.mjs`, for machines where QuickJS could not be built. */
export async function buildNodePlanner(target: string, inputs: readonly string[], define: Constants): Promise<void> {
  await make(target, inputs, JSON.stringify(define), (output) =>
    bundle({
      ...common,
      entryPoints: [join(engine, "node.ts")],
      outfile: output,
      platform: "node",
      format: "esm",
      target: "node20",
      define,
    }),
  );
}

const C_FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-O2", "-static", "-s"];
/** Where the snapshot is mapped: above the program, below 2 GiB, which addresses in its code can reach. */
const SNAPSHOT_ADDRESS = "0x20000000";
/** Ten times what loading the planner takes today. */
const SNAPSHOT_LIMIT = 32 << 20;

/** `tsoci-planner`; without QuickJS there is none. */
export async function buildQuickjsPlanner(target: string, inputs: readonly string[], define: Constants): Promise<void> {
  const library = await quickjs();
  if (library === undefined) {
    for (const file of [target, `${target}.stamp`]) rmSync(file, { force: true });
    return;
  }
  const sources = filesBelow(engine, /\.[ch]$/);
  await make(target, [...inputs, ...sources, ...library.objects], JSON.stringify([define, C_FLAGS]), async (output) => {
    const directory = mkdtempSync(join(tmpdir(), "tsoci-build-"));
    try {
      await buildIn(directory, library, define, output);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}

/** Links an engine without a snapshot, has it load the planner, and links it again with what that left (heap.c). */
async function buildIn(directory: string, library: Quickjs, define: Constants, output: string): Promise<void> {
  const file = (name: string) => join(directory, name);
  await bundleForQuickjs(file("planner.js"), define);
  await link(library, file("empty.S"), `"aw", @nobits`, `.skip ${SNAPSHOT_LIMIT}`, file("engine"));
  await execa(file("engine"), [file("planner.js"), file("snapshot")], { stdio: "inherit" });
  await link(library, file("snapshot.S"), `"aw", @progbits`, `.incbin "${file("snapshot")}"`, output);
}

async function bundleForQuickjs(output: string, define: Constants): Promise<void> {
  await bundle({
    ...common,
    entryPoints: [join(engine, "quickjs.ts")],
    outfile: output,
    platform: "neutral",
    format: "iife",
    target: "es2023",
    alias: {
      "node:fs": join(engine, "node/fs.ts"),
      "node:path": join(engine, "node/path.ts"),
      "node:os": join(engine, "node/os.ts"),
      "node:child_process": join(engine, "node/child_process.ts"),
    },
    define: { ...define, TSOCI_ARCH: JSON.stringify(process.arch) },
  });
}

/** Links the engine with the section that holds the snapshot, or will. */
async function link(library: Quickjs, assembly: string, kind: string, contents: string, output: string): Promise<void> {
  const lines = [
    `.section .snapshot, ${kind}`,
    ".globl snapshot, snapshot_end",
    ".balign 4096",
    "snapshot:",
    contents,
    "snapshot_end:",
    '.section .note.GNU-stack, "", @progbits',
  ];
  writeFileSync(assembly, `${lines.join("\n")}\n`);
  const sources = filesBelow(engine, /\.c$/);
  const place = `-Wl,--section-start=.snapshot=${SNAPSHOT_ADDRESS}`;
  const inputs = [...sources, assembly, ...library.objects];
  await execa("gcc", [...C_FLAGS, place, "-isystem", library.include, "-o", output, ...inputs, "-lm", "-lpthread"], {
    stdio: "inherit",
  });
}
