/** linux.cgroupsPath for systemd, "SLICE:PREFIX:NAME", and the unit that it names (systemd.unit(5), systemd.slice(5)). */
import { TsociError } from "../../../base/errors.ts";
import type { Unit } from "./unit.ts";

const POINTER = "/linux/cgroupsPath";
/** What systemd takes in the name of a unit; neither slashes nor "@", which would make it an instance of a template. */
const NAME = /^[A-Za-z0-9:_.\\-]+$/;
const LONGEST = 255;

/**
 * Without a path it is "tsoci-ID.scope" in the default slice, where a path without a slice goes, too. Throws TsociError
 * "config" for another form of path and for names that are none of a scope or a slice.
 */
export function scopeOf(cgroupsPath: string | undefined, id: string, defaultSlice: string): Unit {
  const given = (cgroupsPath || `:tsoci:${id}`).split(":");
  const [parent = "", prefix = "", name = ""] = given;
  if (given.length !== 3) {
    throw refusal(
      `expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "${cgroupsPath}" instead`,
    );
  }
  const slice = parent || defaultSlice;
  if (name.endsWith(".slice")) throw refusal(`${name} is a slice: processes belong into a scope`);
  const scope = `${prefix}-${name}.scope`;
  if (name === "" || !NAME.test(scope) || scope.length > LONGEST) throw refusal(`invalid unit name: ${scope}`);
  return { name: scope, slice, path: `${slicePath(slice)}/${scope}`, parts: { parent: slice, prefix, name } };
}

/** "a-b.slice" is in "a.slice"; "-.slice" is the root. */
function slicePath(slice: string): string {
  const wrong = () => refusal(`invalid slice name: ${slice}`);
  const stem = slice.slice(0, -".slice".length);
  if (!slice.endsWith(".slice") || !NAME.test(stem) || slice.length > LONGEST) throw wrong();
  if (stem === "-") return "";
  const names = stem.split("-");
  if (names.includes("")) throw wrong();
  return names.map((_, index) => `/${names.slice(0, index + 1).join("-")}.slice`).join("");
}

function refusal(message: string): TsociError {
  return new TsociError("config", message, { pointer: POINTER });
}
