/** Values of D-Bus from their text form (GVariant's; systemd's annotations have it), as busctl(1) takes them. */

/** A value of D-Bus: its type, and the words in which busctl takes it. */
export interface Variant {
  readonly signature: string;
  readonly words: readonly string[];
}

/** Type names of the text form. */
const TYPES: Readonly<Record<string, string>> = {
  byte: "y",
  int16: "n",
  uint16: "q",
  int32: "i",
  uint32: "u",
  int64: "x",
  uint64: "t",
  double: "d",
};

const NUMBER = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?/;
const INTEGER = /^[+-]?\d+$/;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", "\\": "\\", "'": "'", '"': '"' };

/**
 * Booleans, strings in single or double quotes, numbers with or without a type before them (plain ones are int32 and
 * double), and arrays and tuples of these. undefined for anything else.
 */
export function parseVariant(text: string): Variant | undefined {
  const reader = { text, at: 0 };
  const value = readValue(reader);
  skipSpace(reader);
  return reader.at === text.length ? value : undefined;
}

interface Reader {
  readonly text: string;
  at: number;
}

function skipSpace(reader: Reader): void {
  while (reader.text[reader.at] === " ") reader.at++;
}

function readValue(reader: Reader): Variant | undefined {
  skipSpace(reader);
  const first = reader.text[reader.at] ?? "";
  if (first === "'" || first === '"') return readString(reader, first);
  if (first === "[") return arrayOf(readMembers(reader, "]"));
  if (first === "(") return tupleOf(readMembers(reader, ")"));
  const word = /^[a-z]+\d*/.exec(reader.text.slice(reader.at))?.[0];
  if (word === undefined) return readNumber(reader, undefined);
  reader.at += word.length;
  if (word === "true" || word === "false") return { signature: "b", words: [word] };
  skipSpace(reader);
  return TYPES[word] === undefined ? undefined : readNumber(reader, TYPES[word]);
}

function readNumber(reader: Reader, type: string | undefined): Variant | undefined {
  const word = NUMBER.exec(reader.text.slice(reader.at))?.[0];
  if (word === undefined) return undefined;
  reader.at += word.length;
  const signature = type ?? (INTEGER.test(word) ? "i" : "d");
  return signature === "d" || INTEGER.test(word) ? { signature, words: [word] } : undefined;
}

function readString(reader: Reader, quote: string): Variant | undefined {
  let value = "";
  for (reader.at++; reader.at < reader.text.length; reader.at++) {
    let character = reader.text[reader.at] ?? "";
    if (character === quote) {
      reader.at++;
      return { signature: "s", words: [value] };
    }
    if (character === "\\") {
      const escaped = ESCAPES[reader.text[++reader.at] ?? ""];
      if (escaped === undefined) return undefined;
      character = escaped;
    }
    value += character;
  }
  return undefined;
}

function readMembers(reader: Reader, end: string): Variant[] | undefined {
  const members: Variant[] = [];
  reader.at++;
  for (;;) {
    const value = readValue(reader);
    if (value === undefined) return undefined;
    members.push(value);
    skipSpace(reader);
    const separator = reader.text[reader.at++];
    if (separator === end) return members;
    if (separator !== ",") return undefined;
  }
}

function arrayOf(members: readonly Variant[] | undefined): Variant | undefined {
  const signature = members?.[0]?.signature;
  if (members === undefined || members.some((member) => member.signature !== signature)) return undefined;
  return { signature: `a${signature}`, words: [String(members.length), ...members.flatMap(({ words }) => words)] };
}

function tupleOf(members: readonly Variant[] | undefined): Variant | undefined {
  if (members === undefined) return undefined;
  const signature = members.map((member) => member.signature).join("");
  return { signature: `(${signature})`, words: members.flatMap(({ words }) => words) };
}
