/** The engines that the front door can start: each is a directory with tsoci and one planner. */
import { accessSync, copyFileSync, existsSync, linkSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../bin/", import.meta.url));

export interface Engine {
  readonly name: "bun" | "node";
  /** The program to run. */
  readonly tsoci: string;
}

/** As installs have them: with the compiled planner. Absent where Bun has no build for the machine. */
function bun(): Engine | undefined {
  return existsSync(join(BIN, "tsoci-planner")) ? { name: "bun", tsoci: join(BIN, "tsoci") } : undefined;
}

/** The front door falls back to Node where no compiled planner stands beside it. */
function node(): Engine {
  const directory = mkdtempSync(join(tmpdir(), "tsoci-node-"));
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  for (const name of ["tsoci", "tsoci-planner.mjs"]) place(join(BIN, name), join(directory, name));
  return { name: "node", tsoci: join(directory, "tsoci") };
}

function place(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
  accessSync(to);
}

/** Both, or the one that TSOCI_ENGINE names. */
export function engines(): readonly Engine[] {
  const wanted = process.env.TSOCI_ENGINE;
  return [bun(), node()].filter(
    (engine): engine is Engine => engine !== undefined && (wanted === undefined || engine.name === wanted),
  );
}
