/** An ordinary user with subordinate ids (subuid(5)), for containers in user namespaces. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execaSync } from "execa";

export const USER = "tsoci-docker";
export const FIRST = 700_000;

/** Lines that the files of accounts get in addition. */
const ACCOUNTS: Readonly<Record<string, string>> = {
  "/etc/passwd": `${USER}:x:70123:70123::/nonexistent:/bin/sh\n`,
  "/etc/group": `${USER}:x:70123:\n`,
  "/etc/subuid": `${USER}:${FIRST}:65536\n`,
  "/etc/subgid": `${USER}:${FIRST}:65536\n`,
};

/** Makes the user known in this mount namespace, which must be private. */
export function addUser(directory: string): void {
  mkdirSync(join(directory, "etc"));
  for (const [file, lines] of Object.entries(ACCOUNTS)) {
    if (!existsSync(file)) continue;
    const copy = join(directory, file);
    writeFileSync(copy, readFileSync(file, "utf8") + lines);
    execaSync("mount", ["--bind", copy, file]);
  }
}
