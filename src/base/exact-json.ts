/** Writes JSON whose integers are exact: a bigint stands for one that a JavaScript number can't hold. */

export type ExactJson =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly ExactJson[]
  | { readonly [key: string]: ExactJson | undefined };

/** As JSON.stringify without indentation; a property that is undefined is left out. */
export function exactJson(value: ExactJson): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(exactJson).join(",")}]`;
  const members = Object.entries(value).flatMap(([key, member]) =>
    member === undefined ? [] : [`${JSON.stringify(key)}:${exactJson(member)}`],
  );
  return `{${members.join(",")}}`;
}

function isList(value: object): value is readonly ExactJson[] {
  return Array.isArray(value);
}
