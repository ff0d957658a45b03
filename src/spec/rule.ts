/** What a rule is: a check that the schema can't express, by name, with the clause of the specification it stands for. */
import type { Spec } from "./generated/config.ts";

/** Names an entry that breaks a rule: its JSON Pointer from the rule's subject, and a sentence in lower case. */
export type Report = (pointer: string, message: string) => void;

/** What the values alone don't tell. */
export interface Source {
  readonly text: string;
  /** The exact value of an integer beyond 2^53, by JSON Pointer from the rule's subject. */
  exact(pointer: string): bigint | undefined;
}

export interface Rule<Subject> {
  readonly name: string;
  /** File of the specification and heading, or where else the rule comes from. */
  readonly section: string;
  /** What the check reads, as pointers from its subject: it is left out when the schema already found fault there. */
  readonly reads: readonly string[];
  /** Lists whose entries it looks at one by one: of these only the entries with a fault are left out. */
  readonly each?: readonly string[];
  check(subject: Subject, report: Report, source: Source): void;
}

/** Makes rules about a part of the configuration into rules about all of it. `place` is the part's pointer. */
export function within<Part>(
  place: string,
  part: (spec: Spec) => Part | undefined,
  rules: readonly Rule<Part>[],
): Rule<Spec>[] {
  return rules.map((rule) => ({
    name: rule.name,
    section: rule.section,
    reads: rule.reads.map((pointer) => place + pointer),
    each: rule.each?.map((pointer) => place + pointer) ?? [],
    check(spec, report, source) {
      const subject = part(spec);
      if (subject === undefined) return;
      const inner: Source = { text: source.text, exact: (pointer) => source.exact(place + pointer) };
      rule.check(subject, (pointer, message) => report(place + pointer, message), inner);
    },
  }));
}

/** The exact value of an integer that the schema has checked. */
export function integer(source: Source, pointer: string, value: number): bigint {
  return source.exact(pointer) ?? BigInt(value);
}
