/** The engines that the front door can start: each is a directory with tsoci and one planner. */
import { chmodSync, copyFileSync, existsSync, linkSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../bin/", import.meta.url));

export interface Engine {
  readonly name: "quickjs" | "node";
  /** The program to run. */
  readonly tsoci: string;
}

/** As installs have them: with the compiled planner. Absent where the build could not fetch QuickJS. */
function quickjs(): Engine | undefined {
  return existsSync(join(BIN, "tsoci-planner")) ? { name: "quickjs", tsoci: join(BIN, "tsoci") } : undefined;
}

/** The front door falls back to Node where no compiled planner stands beside it. */
function node(): Engine {
  const directory = mkdtempSync(join(tmpdir(), "tsoci-node-"));
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  return copyTo(directory, { name: "node", tsoci: join(BIN, "tsoci") });
}

const PLANNERS = { quickjs: "tsoci-planner", node: "tsoci-planner.mjs" } as const;

/** The same engine in a directory that everybody can read, as an ordinary user needs. */
export function copyTo(directory: string, { name, tsoci }: Engine): Engine {
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o755);
  for (const file of ["tsoci", PLANNERS[name]]) place(join(dirname(tsoci), file), join(directory, file));
  return { name, tsoci: join(directory, "tsoci") };
}

/** As a link where it can be. */
function place(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** Both, or the one that TSOCI_ENGINE names. */
export function engines(): readonly Engine[] {
  const wanted = process.env.TSOCI_ENGINE;
  return [quickjs(), node()].filter(
    (engine): engine is Engine => engine !== undefined && (wanted === undefined || engine.name === wanted),
  );
}
