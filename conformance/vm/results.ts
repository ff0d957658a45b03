/** What the machine reports: a TAP document for each file of tests. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type FinalResults, Parser, type Result } from "tap-parser";

/** One file of tests. */
export interface FileResult {
  readonly passed: number;
  readonly skipped: number;
  /** The names of what failed, or what is wrong with the report itself. */
  readonly failures: readonly string[];
}

/** Reads one document. Its top level are the tests; a document that breaks off, or has none, is a failure. */
export function readTap(text: string): FileResult {
  const tests: Result[] = [];
  let end: FinalResults | undefined;
  const parser = new Parser({}, (results: FinalResults) => {
    end = results;
  });
  parser.on("assert", (test) => tests.push(test));
  parser.end(text);
  const failures = tests.filter(({ ok, skip, todo }) => !ok && !skip && !todo).map(({ name }) => name);
  if ((!end?.ok || tests.length === 0) && failures.length === 0) {
    failures.push(end?.bailout ? `bailed out: ${end.bailout}` : "the report is incomplete");
  }
  return {
    passed: tests.filter(({ ok, skip }) => ok && !skip).length,
    skipped: tests.filter(({ skip }) => skip).length,
    failures,
  };
}

/** Collects reports while the machine writes them: NAME.tap appears when it is complete. */
export class Collector {
  readonly results = new Map<string, FileResult>();
  readonly #directory: string;
  readonly #say: (line: string) => void;

  constructor(directory: string, say: (line: string) => void) {
    this.#directory = directory;
    this.#say = say;
  }

  look(): void {
    for (const file of readdirSync(this.#directory)) {
      const name = /^(.*)\.tap$/.exec(file)?.[1];
      if (name === undefined || this.results.has(name)) continue;
      const result = readTap(readFileSync(join(this.#directory, file), "utf8"));
      this.results.set(name, result);
      const { passed, skipped, failures } = result;
      this.#say(`${name}: ${passed} passed, ${failures.length} failed, ${skipped} skipped`);
      for (const failure of failures) this.#say(`  not ok ${failure}`);
    }
  }
}
