/**
 * Reads what the programs of the suite print: TAP 13, with JSON where YAML is meant, several documents in one output,
 * and stray lines between. Other readers of TAP take none of the three.
 */

export interface TestLine {
  readonly ok: boolean;
  readonly description: string;
}

export interface TapDocument {
  readonly tests: TestLine[];
  /** From the line "1..N"; undefined when the program ended before it printed one. */
  plan: number | undefined;
  /** What the JSON blocks have as "error", whether the test before is ok or not: an expected error is one, too. */
  readonly errors: string[];
}

const VERSION = /^TAP version /;
const PLAN = /^1\.\.(\d+)/;
const TEST = /^(not )?ok\b(?: +\d+)?(?: *-)? *(.*)$/;
const BLOCK = "  ---";
const END_OF_BLOCK = "  ...";

const document = (): TapDocument => ({ tests: [], plan: undefined, errors: [] });

/** Splits an output into its documents; an output without TAP has none. */
export function parseTap(output: string): TapDocument[] {
  const documents: TapDocument[] = [];
  const current = (): TapDocument => {
    if (documents.length === 0) documents.push(document());
    return documents.at(-1) as TapDocument;
  };
  let block: string[] | undefined;
  for (const line of output.split("\n")) {
    if (block && line === END_OF_BLOCK) {
      current().errors.push(...errorOf(block.join("\n")));
      block = undefined;
    } else if (block) {
      block.push(line);
    } else if (line === BLOCK) {
      block = [];
    } else if (VERSION.test(line)) {
      documents.push(document());
    } else {
      readLine(line, current);
    }
  }
  return documents;
}

function readLine(line: string, current: () => TapDocument): void {
  const [, plan] = PLAN.exec(line) ?? [];
  const test = TEST.exec(line);
  if (plan !== undefined) current().plan = Number(plan);
  else if (test) current().tests.push({ ok: test[1] === undefined, description: test[2] ?? "" });
}

function errorOf(text: string): string[] {
  try {
    const { error } = JSON.parse(text) as { readonly error?: unknown };
    return typeof error === "string" && error !== "" ? [error] : [];
  } catch {
    return [`a block that is no JSON: ${text.trim()}`];
  }
}
