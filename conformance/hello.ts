/**
 * `npm run hello`: runs bundles/hello, or as an ordinary user bundles/hello-rootless, and shows what its program sees
 * beside what the same program sees on the host.
 */
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { TsociError } from "../src/base/errors.ts";
import { mapsAllIds } from "../src/facts/host.ts";
import { ensureRootfs, mappedTo, PROJECT, prepareExamples, readExample } from "./rootfs.ts";

/** What the program says, by label. */
type Answers = ReadonlyMap<string, string>;

const PROGRAM = join(PROJECT, "bundles/hello/program/hello");

/** Settings of the kernel that keep ordinary users from making user namespaces, and the value that does it. */
const RESTRICTIONS: Readonly<Record<string, string>> = {
  "/proc/sys/user/max_user_namespaces": "0",
  "/proc/sys/kernel/unprivileged_userns_clone": "0",
  "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1",
};

async function hello(): Promise<void> {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  const rootless = uid !== 0 || !mapsAllIds(readOr("", "/proc/self/uid_map"));
  const bundle = rootless ? "bundles/hello-rootless" : "bundles/hello";
  const scratch = await mkdtemp(join(tmpdir(), "tsoci-hello-"));
  try {
    const config = rootless ? await rootlessConfig(scratch, uid, gid) : [];
    await prepareExamples();
    const { stdout: outside } = await execa("sh", [PROGRAM]);
    const args = [
      "--root",
      join(scratch, "state"),
      "run",
      "-b",
      join(PROJECT, bundle),
      ...config,
      `hello-${process.pid}`,
    ];
    const { exitCode, stdout: inside, stderr } = await execa(join(PROJECT, "bin/tsoci"), args, { reject: false });
    if (exitCode !== 0) throw new TsociError("host", rootless ? whyNot(stderr) : stderr.replace("tsoci: ", ""));
    process.stdout.write(report(parse(inside), parse(outside), bundle));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The bundle is written for uid 1000: the same configuration for the caller, as a file of its own. */
async function rootlessConfig(scratch: string, uid: number, gid: number): Promise<string[]> {
  const config = mappedTo(await readExample("hello-rootless"), uid, gid);
  const file = join(scratch, "config.json");
  await writeFile(file, JSON.stringify({ ...config, root: { ...config.root, path: await ensureRootfs() } }));
  return ["--config", file];
}

function whyNot(stderr: string): string {
  const found = Object.entries(RESTRICTIONS).find(([file, value]) => readOr("", file).trim() === value);
  const reason = found ? `${found[0]} is ${found[1]}` : stderr.replace("tsoci: ", "");
  return `this host lets only root run containers (${reason}): try it as root`;
}

function readOr(otherwise: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return otherwise;
  }
}

function parse(text: string): Answers {
  const lines = text.split("\n").map((line) => /^(.+?) {2,}(.*)$/.exec(line));
  return new Map(lines.flatMap((match) => (match?.[1] ? [[match[1], match[2]?.trim() ?? ""] as const] : [])));
}

/** Namespaces of the container by name: its own, and those that it shares with the host. */
function namespaces(inside: Answers, outside: Answers): { readonly own: string[]; readonly shared: string[] } {
  const links = (answers: Answers) => (answers.get("namespaces") ?? "").split(" ");
  const host = new Set(links(outside));
  const name = (link: string) => link.replace(/:.*/, "");
  return {
    own: links(inside)
      .filter((link) => !host.has(link))
      .map(name),
    shared: links(inside)
      .filter((link) => host.has(link))
      .map(name),
  };
}

function report(inside: Answers, outside: Answers, bundle: string): string {
  const { own, shared } = namespaces(inside, outside);
  const rows = [...inside]
    .filter(([label]) => label !== "namespaces")
    .map(([label, value]) => [label, value, outside.get(label) ?? ""] as const);
  const all = [["", "in the container", "on the host"] as const, ...rows];
  const width = (column: 0 | 1) => Math.max(...all.map((row) => row[column].length));
  const table = all.map(([a, b, c]) => `  ${a.padEnd(width(0))}  ${b.padEnd(width(1))}  ${c}`.trimEnd());
  const rest = shared.length > 0 ? `; ${list(shared)} ${shared.length === 1 ? "is" : "are"} the host's` : "";
  return `
tsoci ran ${bundle}, a shell script that asks the kernel who and where it is:

${table.join("\n")}

The container had ${own.length} namespaces of its own (${own.join(", ")})${rest}.
Now that it has ended, nothing of it is left. To see every step that made it:

  bin/tsoci explain -b ${bundle}
`;
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

try {
  await hello();
} catch (error) {
  if (!(error instanceof TsociError)) throw error;
  console.error(`hello: ${error.message.trim()}`);
  process.exitCode = 1;
}
