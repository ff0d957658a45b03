/** Where the entries of a JSON text stand: JSON Pointer → line and column, both from 1, columns in UTF-16 units. */
import { scanJson } from "./json-scan.ts";

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The position of an offset in the text. */
export function positionAt(text: string, offset: number): Position {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf("\n"); end !== -1 && end < offset; end = text.indexOf("\n", start)) {
    line++;
    start = end + 1;
  }
  return { line, column: offset - start + 1 };
}

/** Finds the offsets of values, of all or of the wanted pointers; of a duplicated name the last one counts. */
export function locate(text: string, wanted?: ReadonlySet<string>): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  scanJson(text, (at, start) => {
    const pointer = at();
    if (wanted === undefined || wanted.has(pointer)) offsets.set(pointer, start);
  });
  return offsets;
}

/** The pointer itself and all that contain it, the nearest first: an entry that is missing stands where its parent does. */
export function* containers(pointer: string): Generator<string> {
  for (let end = pointer.length; end !== -1; end = pointer.lastIndexOf("/", end - 1)) {
    yield pointer.slice(0, end);
    if (end === 0) return;
  }
}

/** Makes the lookup of `LoadedSpec.position`; the text is only read when it is first asked. */
export function positions(text: string): (pointer: string) => Position | undefined {
  let offsets: ReadonlyMap<string, number> | undefined;
  return (pointer) => {
    // Flags and rules also stand where pointers do (`from` of an operation): they have no place in the file.
    if (pointer !== "" && !pointer.startsWith("/")) return undefined;
    offsets ??= locate(text);
    for (const container of containers(pointer)) {
      const offset = offsets.get(container);
      if (offset !== undefined) return positionAt(text, offset);
    }
    return undefined;
  };
}
