/** For the tests of rules: tables of configurations, and what is said about each. */
import type { Test } from "tap";
import { validateSpecText } from "../load.ts";
import { rules } from "../rules.ts";

/** A change to a minimal configuration, and its problems as "POINTER: message"; none when it is right. */
export type Case = readonly [change: object, ...problems: readonly string[]];

const MINIMAL = { ociVersion: "1.3.0", root: { path: "rootfs" } };

/** What is wrong with a minimal configuration that was changed. */
export function problemsOf(change: object): string[] {
  const text = JSON.stringify({ ...MINIMAL, ...change });
  return validateSpecText(text, "config.json").map(({ pointer, message }) => `${pointer}: ${message}`);
}

/** Runs the cases of each rule: there must be one that is refused and one that is not. */
export async function testRules(t: Test, cases: Readonly<Record<string, readonly Case[]>>): Promise<void> {
  for (const [name, list] of Object.entries(cases)) {
    await t.test(name, async (t) => {
      t.ok(
        rules.some((rule) => rule.name === name),
        "the rule exists",
      );
      t.ok(list.some((entry) => entry.length > 1) && list.some((entry) => entry.length === 1), "both verdicts");
      for (const [change, ...problems] of list) t.same(problemsOf(change), problems, JSON.stringify(change));
    });
  }
}

/** A configuration with new namespaces of these types, and more below `linux`. */
export function isolated(types: string, more: object = {}): { readonly linux: object } {
  const namespaces = types.split(" ").map((type) => ({ type }));
  return { linux: { namespaces, ...more } };
}
