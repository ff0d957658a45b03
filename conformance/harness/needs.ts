/** What a suite needs of the machine. */
import { find } from "../bench/runtimes.ts";

/**
 * What is missing of some programs, with the command that installs it; undefined: nothing. `packages`: Debian's, by the
 * program that is looked for.
 */
export function missingPrograms(packages: Readonly<Record<string, string>>): string | undefined {
  const programs = Object.keys(packages).filter((name) => find(name) === undefined);
  if (programs.length === 0) return undefined;
  const names = new Set(programs.map((name) => packages[name]));
  return `needs ${programs.join(", ")} (Debian: apt-get install --no-install-recommends ${[...names].join(" ")})`;
}
