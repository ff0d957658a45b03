/**
 * The end-to-end tests' ground: real containers of the built tsoci, judged by their effects. Every test runs once with
 * each engine, in a box of its own, and must leave nothing behind on the host.
 */
import { type Test, test } from "tap";
import { Box, type Outcome } from "./harness/box.ts";
import { engines } from "./harness/engines.ts";
import { nothingLeft } from "./harness/leaks.ts";

export type { Test } from "tap";
export { Box, type Invocation, type Outcome } from "./harness/box.ts";
export * from "./harness/combinations.ts";
export * from "./harness/config.ts";
export { Container, type State, written } from "./harness/container.ts";
export * from "./harness/host.ts";
export { nothingLeft } from "./harness/leaks.ts";
export { patiently } from "./harness/patience.ts";
export { consoleSocket, type Dialogue, dialogue, namespaceHolder, program } from "./harness/programs.ts";

const ENGINES = engines();
const needsRoot = process.geteuid?.() === 0 ? false : "needs root";

export interface Options {
  /** The reason why the test can't run here; false: it can. */
  readonly skip?: string | false;
  /** For what no JavaScript decides. */
  readonly once?: boolean;
}

/** Declares one test; `box` is its world. */
export function e2e(
  name: string,
  body: (t: Test, box: Box) => Promise<void>,
  { skip = false, once = false }: Options = {},
) {
  for (const engine of once ? ENGINES.slice(0, 1) : ENGINES) {
    test(`${name} (${engine.name})`, { skip: needsRoot || skip }, async (t) => {
      const box = new Box(engine);
      try {
        await body(t, box);
      } finally {
        await box.deleteAll();
        await nothingLeft(t, box);
        box.clean();
      }
    });
  }
}

/** The command succeeded and said nothing on standard error. */
export function succeeded(t: Test, { code, signal, stderr }: Outcome, what: string): void {
  t.strictSame({ code, signal, stderr }, { code: 0, signal: undefined, stderr: "" }, what);
}

/** The command failed with exactly this line on standard error; where config.json says it may stand at the end. */
export function refused(t: Test, outcome: Outcome, message: string | RegExp, what: string, status = 1): void {
  const { code, stderr } = outcome;
  t.equal(code, status, `${what}: exit status`);
  t.match(stderr, /^tsoci: [^\n]+\n$/, `${what}: one line`);
  const line = stderr.replace(/^tsoci: /, "").replace(/( \(config\.json:\d+:\d+\))?\n$/, "");
  if (typeof message === "string") t.equal(line, message, what);
  else t.match(line, message, what);
}
