/** Names of users, from /etc/passwd of the host. */
import { readFileSync } from "node:fs";

/** The name of a user, or "#UID" for one without a line in /etc/passwd (passwd(5)). */
export function userName(uid: number): string {
  let passwd = "";
  try {
    passwd = readFileSync("/etc/passwd", "utf8");
  } catch {
    // A host without the file has no names.
  }
  const line = passwd.split("\n").find((entry) => Number(entry.split(":")[2]) === uid && entry.split(":")[2] !== "");
  return line?.split(":")[0] ?? `#${uid}`;
}
