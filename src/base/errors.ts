/*
 * The error convention of the planner, followed everywhere:
 *
 * - Whatever a caller of tsoci did wrong, or this host can't do, is a `TsociError`: a code from the closed list below,
 *   the JSON Pointer of the entry of config.json to change (where there is one), and a message that says what was
 *   expected. Nothing else is thrown on purpose; any other exception is a bug of tsoci and is reported as one.
 * - The message is one line, lower case, without a final full stop and without the pointer: whoever prints it adds both
 *   the pointer and the position in the file.
 * - Errors of the kernel are not made here: the executor reports the operation and the errno.
 */

/** Why an error happened; callers of the planner branch on it, people read the message. */
export type ErrorCode =
  | "usage" // the command line
  | "config" // config.json breaks the specification
  | "json" // a file is not JSON
  | "host" // config.json is right, and this host can't do it
  | "unsupported" // tsoci itself does not do it yet
  | "state" // the container does not exist, or is in the wrong state
  | "file" // a file named by the caller can't be read
  | "plan"; // a plan that breaks its own rules: a bug

export interface ErrorDetails {
  /** JSON Pointer (RFC 6901) of the entry of config.json, "" for the whole document. */
  readonly pointer?: string;
  readonly cause?: unknown;
}

export class TsociError extends Error {
  override readonly name = "TsociError";
  readonly code: ErrorCode;
  readonly pointer: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.pointer = details.pointer;
  }
}
