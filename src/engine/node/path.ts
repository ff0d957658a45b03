/** What the planner uses of node:path, on QuickJS. */
import { host } from "../host.ts";

/** Takes out ".", ".." and doubled slashes. `rooted`: what ".." at the beginning has nowhere to go from. */
function simplify(path: string, rooted: boolean): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") names.push(name);
    else if (names.length > 0 && names.at(-1) !== "..") names.pop();
    else if (!rooted) names.push(name);
  }
  return names.join("/");
}

export function normalize(path: string): string {
  const rooted = path.startsWith("/");
  const simple = simplify(path, rooted);
  if (simple === "") return rooted ? "/" : path.endsWith("/") ? "./" : ".";
  return `${rooted ? "/" : ""}${simple}${path.endsWith("/") ? "/" : ""}`;
}

export function join(...parts: string[]): string {
  return normalize(parts.filter((part) => part !== "").join("/"));
}

export function resolve(...parts: string[]): string {
  let path = "";
  for (let index = parts.length - 1; index >= 0 && !path.startsWith("/"); index--) {
    if (parts[index] !== "") path = path === "" ? (parts[index] as string) : `${parts[index]}/${path}`;
  }
  if (!path.startsWith("/")) path = `${host.facts().directory}/${path}`;
  return `/${simplify(path, true)}`;
}

/** The last name; slashes after it do not count. */
export function basename(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === "/") end--;
  return end === 0 ? "" : path.slice(path.lastIndexOf("/", end - 1) + 1, end);
}

export const posix = { normalize, join, resolve, basename };
