/** `tsoci list`. */

import { SPECIFICATION } from "../base/specification.ts";
import { userName } from "../facts/users.ts";
import type { Operation } from "../plan/operations.ts";
import type { Plan } from "../plan/plan.ts";
import { type Container, listContainers } from "../state/containers.ts";
import type { RequestOf } from "./declaration.ts";
import type { Surroundings } from "./main.ts";
import { printing } from "./printing.ts";

const COLUMNS = ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"] as const;
/** As runc's: what scripts cut by. */
const LEAST_WIDTH = 12;
const GAP = 3;

export function list({ flags }: RequestOf<"list">, { root }: Surroundings): Plan {
  const warnings: Operation[] = [];
  const containers = listContainers(root, (id, error) => {
    const message = `the state of ${id} can't be read: ${error instanceof Error ? error.message : String(error)}`;
    warnings.push({ op: "warn", from: "list", message });
  });
  const text = flags.quiet ? ids(containers) : flags.format === "json" ? json(containers) : table(containers);
  const plan = printing(text, "list");
  return { ...plan, sections: { host: [...warnings, ...(plan.sections.host ?? [])] } };
}

function ids(containers: readonly Container[]): string {
  return containers.map(({ recorded }) => `${recorded.id}\n`).join("");
}

/** `null` for none: callers written in Go expect it (CLI.md 2.3). */
function json(containers: readonly Container[]): string {
  if (containers.length === 0) return "null\n";
  const objects = containers.map(({ recorded, pid, status, bundle, annotations, uid }) => ({
    ociVersion: SPECIFICATION,
    id: recorded.id,
    pid,
    status,
    bundle,
    rootfs: recorded.config.rootfs,
    created: recorded.created,
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    owner: userName(uid),
  }));
  return `${JSON.stringify(objects)}\n`;
}

function table(containers: readonly Container[]): string {
  const rows = containers.map(({ recorded, pid, status, bundle, uid }) => [
    recorded.id,
    String(pid),
    status,
    bundle,
    recorded.created,
    userName(uid),
  ]);
  const all = [[...COLUMNS], ...rows];
  const widths = COLUMNS.map((_, column) =>
    Math.max(LEAST_WIDTH, ...all.map((row) => (row[column] ?? "").length + GAP)),
  );
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("");
  return all.map((row) => `${line(row).trimEnd()}\n`).join("");
}
