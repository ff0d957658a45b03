/** The runtimes that are compared: tsoci with each planner, and the peers of this machine. */

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { engines } from "../harness/engines.ts";

export interface Runtime {
  readonly name: string;
  readonly path: string;
}

export const PEERS = ["runc", "crun"] as const;

/** Where a program is; undefined: it is not installed. */
export function find(name: string): string | undefined {
  const places = `${process.env.PATH}${delimiter}/usr/sbin${delimiter}/usr/bin`.split(delimiter);
  return places.map((place) => join(place, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Those that are here, and the names of the missing peers. */
export function findRuntimes(): { runtimes: Runtime[]; missing: string[] } {
  const own = engines().map(({ name, tsoci }) => ({ name: `tsoci (${name})`, path: tsoci }));
  const peers = PEERS.map((name) => ({ name, path: find(name) }));
  const missing = peers.filter(({ path }) => path === undefined).map(({ name }) => name);
  const found = peers.flatMap(({ name, path }) => (path === undefined ? [] : [{ name, path }]));
  return { runtimes: [...own, ...found], missing };
}
