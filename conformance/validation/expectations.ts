/** What every program of the suite is expected to say about tsoci, and why: expectations.txt. */
import { readFileSync } from "node:fs";

export type Verdict =
  /** By both rules of judge.ts. */
  | { readonly kind: "pass" }
  /** By meaning alone: the program prints no test. */
  | { readonly kind: "meaning" }
  /** By neither; with so many tests that are not ok. */
  | { readonly kind: "fail"; readonly notOk: number }
  /** As `pass` or as `fail`: the program can only pass when it is faster than its own container. */
  | { readonly kind: "either"; readonly notOk: number };

/** What a program needs of the machine, or of whoever runs it. */
export interface Needs {
  /** Hierarchies of cgroup v1 that must be there. */
  readonly hierarchies: readonly string[];
  /** Such hierarchies that are mounted for the run where they are not. */
  readonly mounted: readonly string[];
  /** It runs in a user namespace where all capabilities are there. */
  readonly userNamespace: boolean;
  readonly cpus: number;
  /** The runs of which one must be as expected: more than one where the program itself races with the container. */
  readonly tries: number;
}

export interface Expectation {
  readonly program: string;
  readonly verdict: Verdict;
  readonly needs: Needs;
  readonly reason: string;
}

const NOTHING: Needs = { hierarchies: [], mounted: [], userNamespace: false, cpus: 1, tries: 1 };

const NEEDS: Readonly<Record<string, (value: string) => Partial<Needs>>> = {
  v1: (value) => ({ hierarchies: value.split(",") }),
  mount: (value) => ({ mounted: value.split(",") }),
  userns: () => ({ userNamespace: true }),
  cpus: (value) => ({ cpus: Number(value) }),
  tries: (value) => ({ tries: Number(value) }),
};

export function readExpectations(): Expectation[] {
  return parseExpectations(readFileSync(new URL("expectations.txt", import.meta.url), "utf8"));
}

/** Throws for a line that is not: program, verdict, needs ("-": none), reason. */
export function parseExpectations(text: string): Expectation[] {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const [, program = "", verdict = "", needs = "", reason = ""] = /^(\S+) +(\S+) +(\S+) +(\S.*)$/.exec(line) ?? [];
    if (reason === "") throw new Error(`expectations.txt: not a program, a verdict, needs and a reason: ${line}`);
    return { program, verdict: parseVerdict(verdict), needs: parseNeeds(needs), reason };
  });
}

function parseVerdict(text: string): Verdict {
  if (text === "pass" || text === "meaning") return { kind: text };
  const [, kind, notOk] = /^(fail|either):(\d+)$/.exec(text) ?? [];
  if (kind !== "fail" && kind !== "either") throw new Error(`expectations.txt: no verdict: ${text}`);
  return { kind, notOk: Number(notOk) };
}

function parseNeeds(text: string): Needs {
  const parts = text === "-" ? [] : text.split("+");
  const needs = parts.map((word) => {
    const [name = "", value = ""] = word.split(":");
    const parse = NEEDS[name];
    if (!parse) throw new Error(`expectations.txt: unknown need: ${word}`);
    return parse(value);
  });
  return Object.assign({ ...NOTHING }, ...needs) as Needs;
}
