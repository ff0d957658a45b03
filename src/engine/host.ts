/** What src/engine/host.c lends to the planner. A function that fails returns a negative errno. */

type Errno = number;

export interface Host {
  /** access(2) */
  access(path: string, mode: number): Errno;
  /** open(2) for reading: a descriptor */
  open(path: string): number;
  close(descriptor: number): Errno;
  /** read(2): how many bytes; 0 at the end */
  read(buffer: ArrayBufferLike, offset: number, length: number, descriptor: number): number;
  /** write(2): how many bytes */
  write(buffer: ArrayBufferLike, offset: number, length: number, descriptor: number): number;
  /** A whole file as text. */
  readFile(path: string): string | Errno;
  /** stat(2), or lstat(2): mode and uid */
  stat(path: string, link: boolean): [mode: number, uid: number] | Errno;
  /** The names in a directory, but for "." and "..". */
  readDirectory(path: string): string[] | Errno;
  /** A method of arrays of bytes: writes a text as UTF-8, and returns how many bytes. Throws RangeError when they do not fit. */
  encode(this: Uint8Array, text: string, offset: number): number;
  /** Reads UTF-8; when told to be strict, nothing comes of bytes that are not. */
  decode(buffer: ArrayBufferLike, offset: number, length: number, strict: boolean): string | undefined;
  /** Of the program, without its name. */
  arguments(): string[];
  /** Of the environment. */
  variable(name: string): string | undefined;
  facts(): { release: string; umask: number; ppid: number; euid: number; egid: number; directory: string };
  /** Runs a program of the PATH, with its arguments after its name, and an environment. */
  run(command: readonly string[], environment: readonly string[]): [status: number, out: string, err: string] | Errno;
}

export const { host } = globalThis as unknown as { readonly host: Host };
