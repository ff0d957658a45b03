/** What the output of a program of the suite says about the runtime, by two rules that do not agree. */
import { parseTap } from "./tap.ts";

export interface Ended {
  /** Undefined when a signal or the time limit ended the program. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Judgement {
  /**
   * By counting: the program succeeded, at least one test is ok, and none is not. Nine programs of the suite never print
   * a test, so nobody passes them by this rule.
   */
  readonly raw: boolean;
  /**
   * As the author of the program meant it: it succeeded, no test is not ok, every document is complete, and a program
   * that prints no tests reports no error in another way.
   */
  readonly meaning: boolean;
  /** How many tests are ok, and not ok. */
  readonly ok: number;
  readonly notOk: number;
  /** What went wrong, in the program's own words; "" for nothing. */
  readonly complaint: string;
}

/** Judges one run of a program. */
export function judge({ code, stdout, stderr }: Ended): Judgement {
  const documents = parseTap(stdout);
  const tests = documents.flatMap((document) => document.tests);
  const failed = tests.filter(({ ok }) => !ok);
  const ok = tests.length - failed.length;
  const complete = documents.every((document) => document.plan === document.tests.length);
  const errors = tests.length === 0 ? documents.flatMap((document) => document.errors) : [];
  const sound = code === 0 && failed.length === 0;
  const words = [
    ...failed.map(({ description }) => `not ok: ${description}`),
    ...errors,
    ...(complete ? [] : ["the output ends before its plan"]),
    ...(code === 0 ? [] : [lastLine(stderr) || `exit status ${code ?? "none: it was killed"}`]),
  ];
  return {
    raw: sound && ok > 0,
    meaning: sound && complete && errors.length === 0,
    ok,
    notOk: failed.length,
    complaint: words[0] ?? "",
  };
}

/** The first line that is more than "exit status 1". */
function lastLine(text: string): string {
  const lines = text.split("\n").filter((line) => line !== "" && !/^exit status \d+$/.test(line));
  return lines.find((line) => /: /.test(line)) ?? lines[0] ?? "";
}
