/**
 * Writers in Go emit `null` or "" for what is not set, and Go's readers take both for absent. So do we, before anything
 * else looks at the configuration: no rule and no planner ever sees a null, or an optional string that is empty.
 */
import { TsociError } from "../base/errors.ts";

/** Far deeper than any configuration (the specification needs 9), and shallow enough for any recursive reader. */
export const MAX_DEPTH = 500;

/** Objects whose keys are data, not properties: there an empty value means something, and null is a mistake. */
const MAPS: ReadonlySet<string> = new Set(["annotations", "netDevices", "rdma", "sysctl", "timeOffsets", "unified"]);

/** A property that is null or "", as text. */
const EMPTY = /:\s*(?:null|"")\s*[,}]/;

/**
 * Takes properties that are null or "" out of every object below the value, in place; arrays and maps keep their entries.
 * `text` is what the value was parsed from. Throws TsociError "config" when it is nested deeper than MAX_DEPTH.
 */
export function normalise(value: unknown, text: string, file: string): void {
  // Most configurations have nothing to take out and too few brackets to be deep: they need no walk.
  const brackets = text.split("{").length + text.split("[").length;
  // Looking for words is cheap; patterns are not.
  const empty = (text.includes('""') || text.includes("null")) && EMPTY.test(text);
  if (brackets <= MAX_DEPTH && !empty) return;
  if (typeof value === "object" && value !== null) walk(value, 1, false, file);
}

function walk(value: object, depth: number, map: boolean, file: string): void {
  if (depth > MAX_DEPTH) {
    throw new TsociError("config", `${file} is nested more than ${MAX_DEPTH} levels deep`, { pointer: "" });
  }
  const entries: Record<string, unknown> = Object.assign(value);
  const properties = !map && !Array.isArray(value);
  for (const key in entries) {
    const child = entries[key];
    if (typeof child === "object" && child !== null) walk(child, depth + 1, properties && MAPS.has(key), file);
    else if (properties && (child === null || child === "")) delete entries[key];
  }
}
