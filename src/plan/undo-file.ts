/**
 * The file `undo` of a state directory: how to take back a `create` that did not come to its end. JSON with the names of
 * operations, which are the same in every build, since the build that removes the container may be another one.
 */
import { definitions, type Operation } from "./operations.ts";
import { encode } from "./wire.ts";

/** The text of the file. Operations of `undo` hold nothing but text and numbers that JSON can hold. */
export function writeUndo(operations: readonly Operation[]): string {
  return JSON.stringify(operations);
}

/** Reads the file: what this build can carry out, and the names of what it does not know. Throws SyntaxError. */
export function readUndo(text: string): { readonly operations: Operation[]; readonly unknown: string[] } {
  const operations: Operation[] = [];
  const unknown: string[] = [];
  for (const operation of JSON.parse(text) as Operation[]) {
    if (canCarryOut(operation)) operations.push(operation);
    else unknown.push(operation.op);
  }
  return { operations, unknown };
}

function canCarryOut(operation: Operation): boolean {
  if (!Object.hasOwn(definitions, operation.op) || !definitions[operation.op].places.includes("undo")) return false;
  try {
    encode({ failure: "", failureStatus: 1, sections: { undo: [operation] } });
    return true;
  } catch {
    // An argument that this build has not, or has in another form.
    return false;
  }
}
