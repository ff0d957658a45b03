/** JSON Pointer (RFC 6901): how every message names an entry of config.json. */

/** Appends reference tokens (property names or array indexes) to a pointer, escaping "~" and "/" (section 3). */
export function pointer(base: string, ...tokens: readonly (string | number)[]): string {
  let result = base;
  for (const token of tokens) result += `/${typeof token === "number" ? token : escaped(token)}`;
  return result;
}

function escaped(token: string): string {
  return token.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The reference tokens of a pointer, unescaped; [] for "". */
export function tokens(text: string): string[] {
  if (text === "") return [];
  return text
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}
