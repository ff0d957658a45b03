/**
 * The examples in bundles/ are golden tests: beside each config.json stands the plan that it gives on recorded hosts
 * (plan.HOST.txt), or the error where a host can't do it (error.HOST.txt). bundles/errors/ holds configurations that must
 * be refused, with the line that says why. `UPDATE_GOLDEN=1 npx tap src/linux/golden.test.ts` writes them anew.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type Test, test } from "tap";
import { TsociError } from "../base/errors.ts";
import type { FixtureName } from "../facts/recorded.ts";
import { type ArgumentKind, mode, type Text } from "../plan/arguments.ts";
import { definitions, type Operation, SECTIONS, type Section } from "../plan/operations.ts";
import type { Plan } from "../plan/plan.ts";
import { show } from "../plan/shell-words.ts";
import { loadSpec } from "../spec/load.ts";
import { planContainer } from "./container.ts";
import type { Context } from "./context.ts";
import { contextFor } from "./testing/context.ts";

/** The hosts on which a bundle has something to show. */
const HOSTS: Readonly<Record<string, readonly FixtureName[]>> = {
  hello: ["v1", "hybrid", "v2"],
  "hello-rootless": ["v2-rootless", "v2-rootless-undelegated"],
  "memory-limit": ["v1", "v2", "v2-rootless", "v2-rootless-undelegated", "none"],
  "user-namespace": ["v1", "v2", "v2-rootless"],
  volume: ["v2", "v2-rootless"],
  network: ["v2"],
  time: ["v2"],
  seccomp: ["v2"],
  hardened: ["v1", "v2"],
  systemd: ["v2-systemd", "v2"],
};

/** Planned with `--systemd-cgroup`. */
const SYSTEMD_BUNDLE = "/systemd/";

const BUNDLES = new URL("../../bundles/", import.meta.url);
const ERROR_HOST: FixtureName = "v2";
const UPDATE = process.env.UPDATE_GOLDEN === "1";

test("every bundle: its plan on recorded hosts", async (t) => {
  t.strictSame(bundlesIn(BUNDLES), Object.keys(HOSTS).sort(), "the table of hosts names every bundle");
  for (const [name, hosts] of Object.entries(HOSTS)) {
    const bundle = new URL(`${name}/`, BUNDLES);
    const golden = new Map(hosts.map((host) => outcome(bundle, host)));
    compare(t, bundle, golden);
  }
});

test("every configuration that must be refused: the error", async (t) => {
  const errors = new URL("errors/", BUNDLES);
  for (const name of bundlesIn(errors)) {
    const bundle = new URL(`${name}/`, errors);
    const [file, text] = outcome(bundle, ERROR_HOST);
    t.match(file, /^error/, `${name} is refused`);
    compare(t, bundle, new Map([["error.txt", text]]));
  }
});

function bundlesIn(directory: URL): string[] {
  return readdirSync(directory)
    .filter((name) => filesIn(new URL(`${name}/`, directory)).includes("config.json"))
    .sort();
}

function filesIn(directory: URL): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Not a directory.
    return [];
  }
}

/** The name of the golden file and what it must hold. */
function outcome(bundle: URL, host: FixtureName): readonly [file: string, text: string] {
  try {
    const { spec } = loadSpec(new URL("config.json", bundle).pathname);
    // The context of tests has a process where the bundle has none.
    const context = { ...contextFor(spec, { host, systemd: bundle.pathname.endsWith(SYSTEMD_BUNDLE) }), spec };
    return [`plan.${host}.txt`, planLines(planContainer(context), context)];
  } catch (error) {
    if (!(error instanceof TsociError)) throw error;
    const { code, pointer = "", message } = error;
    return [`error.${host}.txt`, `${code}: ${pointer === "" ? "" : `${pointer}: `}${message}\n`];
  }
}

function compare(t: Test, bundle: URL, golden: ReadonlyMap<string, string>): void {
  const present = filesIn(bundle).filter((name) => /^(plan|error)\b.*\.txt$/.test(name));
  if (UPDATE) {
    for (const name of present) rmSync(new URL(name, bundle));
    for (const [name, text] of golden) writeFileSync(new URL(name, bundle), text);
    return;
  }
  const where = bundle.pathname.slice(BUNDLES.pathname.length);
  t.strictSame(present.sort(), [...golden.keys()].sort(), `${where} holds its golden files and no others`);
  for (const [name, text] of golden) {
    if (!present.includes(name)) continue;
    t.equal(text, readFileSync(new URL(name, bundle), "utf8"), `${where}${name}`);
  }
}

/** One operation a line: section, the entry that asked for it, the operation with all its arguments. */
function planLines(plan: Plan, context: Context): string {
  const later = Object.entries(plan.later?.sections ?? {}).filter(([name]) => !(name in plan.sections));
  const sections: Plan["sections"] = { ...plan.sections, ...Object.fromEntries(later) };
  const names = (Object.keys(SECTIONS) as Section[]).filter((name) => sections[name] !== undefined);
  const rows = names.flatMap((name) =>
    (sections[name] ?? []).map((operation) => [name, operation.from, argumentsOf(operation, context)] as const),
  );
  const width = Math.max(...rows.map(([, from]) => from.length));
  return rows.map(([section, from, text]) => `${section.padEnd(8)} ${from.padEnd(width)}  ${text}\n`).join("");
}

/** "mkdir path=/run/tsoci mode=0700 flags=[parents exist_ok]"; empty texts and lists are left out. */
function argumentsOf(operation: Operation, context: Context): string {
  const values = operation as unknown as Readonly<Record<string, unknown>>;
  const shown = Object.entries(definitions[operation.op].args).map(([name, kind]) => {
    const value = values[name] === context.configText ? "<config.json>" : argument(operation, kind, values[name]);
    return value === "" ? "" : ` ${name}=${value}`;
  });
  return `${operation.op}${shown.join("")}`;
}

function argument({ op }: Operation, kind: ArgumentKind<unknown>, value: unknown): string {
  if (value instanceof Uint8Array) return op === "store" ? "<plan>" : fingerprint(value);
  // Of a file that is there already.
  if (op === "write" && kind === mode && value === 0) return "";
  if (kind === mode) return Number(value).toString(8).padStart(4, "0");
  if (kind.wire === "text") return value === "" ? "" : word(show(value as Text));
  if (!Array.isArray(value)) return String(value);
  return value.length === 0 ? "" : `[${value.map((entry: Text | number) => word(entryText(entry))).join(" ")}]`;
}

function entryText(entry: Text | number): string {
  return typeof entry === "number" ? String(entry) : show(entry);
}

function word(text: string): string {
  return /^[^\s"\\[\]]+$/.test(text) ? text : JSON.stringify(text);
}

/** Masks as they are; programs of BPF: eight bytes an instruction. */
function fingerprint(program: Uint8Array): string {
  if (program.length <= 8) return Buffer.from(program).toString("hex");
  const hash = createHash("sha256").update(program).digest("hex").slice(0, 12);
  return `<${program.length / 8} instructions, sha256 ${hash}>`;
}
