/** Extended regular expressions (regex(7)), which crun's --regex takes, as JavaScript's. */
import { TsociError } from "../base/errors.ts";

/** The classes that ids can have characters of, and those that they can't. */
const CLASSES: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  blank: " \\t",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-/:-@[-`{-~",
  space: "\\s",
  upper: "A-Z",
  xdigit: "0-9A-Fa-f",
};

/** A bracket expression; "]" is literal where it comes first. */
const BRACKETS = /\[(\^?)(\]?(?:\[:\w+:\]|[^\]])*)\]/g;

/** Throws TsociError "usage" for what is none. */
export function extendedExpression(pattern: string): RegExp {
  const translated = pattern.replace(BRACKETS, (_, not: string, inside: string) => `[${not}${characters(inside)}]`);
  try {
    return new RegExp(translated);
  } catch (cause) {
    throw new TsociError("usage", `invalid regular expression ${JSON.stringify(pattern)}`, { cause });
  }
}

function characters(inside: string): string {
  return inside
    .split(/(\[:\w+:\])/)
    .map((part) => {
      const name = /^\[:(\w+):\]$/.exec(part)?.[1];
      // In brackets a backslash stands for itself, and so do brackets. A range that is none makes an unknown class fail.
      if (name === undefined) return part.replace(/[\\[\]]/g, "\\$&");
      return CLASSES[name]?.replace(/[[\]]/g, "\\$&") ?? "z-a";
    })
    .join("");
}
