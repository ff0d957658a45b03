/** Where the state of a container is kept. */
import { join } from "node:path";
import { TsociError } from "../base/errors.ts";
import type { StateFiles } from "../linux/context.ts";

/** Where root keeps the state of containers. */
export const ROOT = "/run/tsoci";

/** Ids name directories: no separators, no "." and "..", nothing that needs quoting (CLI.md 3.2). */
const ID = /^[\w+.-]{1,255}$/;

/** Throws TsociError "usage" for what can't be an id. */
export function checkId(id: string): void {
  if (id === "") throw new TsociError("usage", "container id cannot be empty");
  if (!ID.test(id) || id === "." || id === "..") throw new TsociError("usage", "invalid container ID format");
}

/** The names are known to the executor, too (src/executor/stored.h). */
export function stateFiles(root: string, id: string): StateFiles {
  const directory = join(root, id);
  return {
    root,
    directory,
    undo: join(directory, "undo"),
    commands: join(directory, "commands"),
    identity: join(directory, "init"),
    config: join(directory, "config.json"),
    state: join(directory, "state.json"),
    startSocket: join(directory, "start.sock"),
    notify: join(directory, "notify"),
  };
}
