/** Small C programs that stand for callers and for what runs in containers: gcc is there, for it builds tsoci. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { Box } from "./box.ts";
import { until } from "./host.ts";
import { patiently } from "./patience.ts";

let directory: string | undefined;
const compiled = new Map<string, Promise<string>>();

/** Compiles programs/NAME.c, statically and once, and returns the path of the program. */
export function program(name: string): Promise<string> {
  const path = compiled.get(name) ?? compile(name);
  compiled.set(name, path);
  return path;
}

async function compile(name: string): Promise<string> {
  if (directory === undefined) {
    const made = mkdtempSync(join(tmpdir(), "tsoci-programs-"));
    process.on("exit", () => rmSync(made, { recursive: true, force: true }));
    directory = made;
  }
  const path = join(directory, name);
  const source = fileURLToPath(new URL(`programs/${name}.c`, import.meta.url));
  await execa("gcc", ["-std=gnu11", "-O1", "-static", "-Wall", "-Wextra", "-o", path, source]);
  return path;
}

/** Something that talks: what it has printed so far, and a way to type. */
export interface Dialogue {
  readonly output: () => string;
  readonly type: (text: string) => void;
  readonly says: (text: string | RegExp) => Promise<void>;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Closes its standard input and waits for its end. */
  readonly ended: () => Promise<number | undefined>;
}

export function dialogue(file: string, args: readonly string[], box: Pick<Box, "mark" | "path">): Dialogue {
  const [name = "", value = ""] = box.mark.split("=");
  const path = box.path(`dialogue-${Math.random()}`);
  const out = openSync(path, "w");
  const child = execa(file, args, {
    stdin: "pipe",
    // Files, for whoever is left behind keeps them open. The types of execa know no numbers above 9.
    stdout: out as 3,
    stderr: out as 3,
    env: { [name]: value },
    reject: false,
    timeout: patiently(30_000),
  });
  closeSync(out);
  const output = () => readFileSync(path, "utf8");
  return {
    output,
    type: (text) => void child.stdin.write(text),
    says: async (text) => {
      const said = () => (typeof text === "string" ? output().includes(text) : text.test(output()));
      try {
        await until(`"${text}"`, said);
      } catch (error) {
        throw new Error(`${(error as Error).message}; it said: ${JSON.stringify(output())}`);
      }
    },
    signal: (signal) => void process.kill(child.pid ?? 0, signal),
    ended: async () => {
      child.stdin.end();
      return (await child).exitCode;
    },
  };
}

/** Listens on a console socket, and relays the terminal that comes. */
export async function consoleSocket(
  box: Box,
  socket = box.path("console.sock"),
): Promise<Dialogue & { socket: string }> {
  const receiver = dialogue(await program("console"), [socket], box);
  await receiver.says("listening");
  return { ...receiver, socket };
}

/** A process that is in namespaces of its own, for containers to join, and its pid. */
export async function namespaceHolder(box: Box, user: boolean): Promise<{ pid: number; end: () => Promise<void> }> {
  const holder = dialogue(await program("holder"), user ? ["user"] : [], box);
  await holder.says(/^\d+\n/);
  const end = async () => {
    holder.signal("SIGKILL");
    await holder.ended();
  };
  return { pid: Number(holder.output()), end };
}
