/** Imports point one way, and what a folder may use of the engine is written down. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "tap";

const SOURCES = fileURLToPath(new URL("..", import.meta.url));
const LONGEST_FILE = 250;

/**
 * What the files of a folder may import from other folders. Neither the vocabulary of plans nor the specification knows
 * of the other; src/linux is where they meet.
 */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  kernel: ["base"],
  plan: ["base", "kernel"],
  spec: ["base", "kernel"],
  facts: ["base", "kernel", "spec"],
  linux: ["base", "kernel", "plan", "spec", "facts"],
  state: ["base", "kernel", "plan", "spec", "facts", "linux"],
  cli: ["base", "kernel", "plan", "spec", "facts", "linux", "state"],
  engine: ["cli"],
  build: ["base", "kernel", "plan", "spec", "facts", "linux", "state", "cli"],
};

/** Node's modules; below src/facts they look at the host. "": packages. */
const ENGINE: Readonly<Record<string, RegExp>> = {
  base: /^$/,
  kernel: /^$/,
  plan: /^$/,
  spec: /^node:(fs|path)$/,
  facts: /^node:(fs|path|os)$/,
  linux: /^node:path$/,
  state: /^node:(fs|path)$/,
  // What is named here for the planner exists on both engines (src/engine/node). node:process is left out: importing a name
  // of it opens process.stdin, which the container shares.
  cli: /^node:(fs|path)$/,
  engine: /^$/,
  build: /./,
};

interface Import {
  readonly file: string;
  readonly folder: string;
  readonly target: string;
  /** Loaded together with the file: neither types alone nor import(). */
  readonly static: boolean;
}

/** Tests and what only they use may import whatever they like of the layers below, and of the engine. */
function isForTests(file: string): boolean {
  return /\.test\.ts$|\/testing\/|\/generated\/|golden\.ts$|recorded\.ts$|rule-cases\.ts$/.test(file);
}

function files(): string[] {
  const names = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".ts") && name.includes("/"));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SOURCES, file), "utf8");
  const found = text.matchAll(/^(?:import|export|\})[^;"]*?from "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/gm);
  const folder = file.split("/")[0] ?? "";
  return [...found].map((match) => {
    const target = match[1] ?? match[2] ?? match[3] ?? "";
    return { file, folder, target, static: match[3] === undefined && !/^\w+ type\b/.test(match[0]) };
  });
}

function targetFolder({ file, target }: Import): string {
  return relative(SOURCES, normalize(join(SOURCES, dirname(file), target))).split("/")[0] ?? "";
}

const all = files().flatMap(importsOf);

test("imports point one way", async (t) => {
  t.ok(all.length > 300, `${all.length} imports have been found`);
  for (const found of all.filter(({ target }) => target.startsWith("."))) {
    const to = targetFolder(found);
    if (to === found.folder) continue;
    const allowed = LAYERS[found.folder] ?? [];
    // `..` is package.json, which has the version.
    if (to === ".." && found.folder === "cli") continue;
    if (!allowed.includes(to))
      t.fail(`${found.file} imports ${found.target}: ${found.folder} may import ${allowed.join(", ") || "nothing"}`);
  }
});

test("what a folder uses of the engine and of packages", async (t) => {
  const outside = all.filter(({ target, file }) => !target.startsWith(".") && !isForTests(file));
  // Loaded by `ps` alone, which runs ps(1); the planner of a container runs nothing.
  const runsPrograms = outside.filter(({ target, folder }) => target === "node:child_process" && folder !== "build");
  t.strictSame(
    runsPrograms.map(({ file }) => file),
    ["cli/ps.ts"],
  );
  for (const entry of outside) {
    const { file, folder, target } = entry;
    if (!runsPrograms.includes(entry) && ENGINE[folder]?.test(target) !== true) t.fail(`${file} imports ${target}`);
  }
});

test("every folder has its place", async (t) => {
  const folders = new Set(files().map((file) => file.split("/")[0] ?? ""));
  // src/executor is C, but for nothing.
  t.same([...folders].sort(), Object.keys(LAYERS).sort());
});

/** Files that can't be loaded without one another: each as the way around. */
function circles(): string[] {
  const targets = new Map<string, string[]>();
  for (const { file, target, static: loaded } of all) {
    if (!loaded || !target.startsWith(".")) continue;
    const to = relative(SOURCES, normalize(join(SOURCES, dirname(file), target)));
    targets.set(file, [...(targets.get(file) ?? []), to]);
  }
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(" → "));
    if (done.has(file)) return;
    done.add(file);
    for (const next of targets.get(file) ?? []) visit(next, [...path, file]);
  };
  for (const file of targets.keys()) visit(file, []);
  return found;
}

test("no file loads itself by way of others", async (t) => {
  t.same(circles(), []);
});

test(`files have at most ${LONGEST_FILE} lines`, async (t) => {
  for (const file of files().filter((name) => !name.includes("/generated/"))) {
    const lines = readFileSync(join(SOURCES, file), "utf8").split("\n").length - 1;
    if (lines > LONGEST_FILE) t.fail(`${file} has ${lines} lines`);
  }
});

test("whatever is thrown on purpose is a TsociError", async (t) => {
  for (const file of files().filter((name) => !isForTests(name) && !/^(build|engine)\//.test(name))) {
    const text = readFileSync(join(SOURCES, file), "utf8");
    if (/throw new (?!TsociError\b)/.test(text)) t.fail(`${file} throws something else`);
  }
});
