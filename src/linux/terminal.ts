/** process.terminal and process.consoleSize (config.md, "Process"), and the socket that receives the terminal. */
import { TsociError } from "../base/errors.ts";
import type { Operation } from "../plan/operations.ts";
import type { Process } from "../spec/generated/config.ts";
import { userOf } from "./process.ts";

/** chown(2): -1 leaves an id as it is. */
const UNCHANGED = 0xffffffff;

export interface TerminalRequest {
  readonly process: Process;
  readonly base: string;
  /** The caller gets the terminal over --console-socket; else the runtime relays it. */
  readonly consoleSocket: string | undefined;
  /** Also bound over /dev/console: for init, not for `exec`. */
  readonly console: boolean;
}

interface TerminalUse {
  readonly terminal: boolean;
  /** The runtime does not stay. */
  readonly detached: boolean;
  readonly consoleSocket: string | undefined;
  /** The entry of config.json that asks for a terminal; undefined when the command line does. */
  readonly pointer?: string;
}

/** Who gets the terminal: --console-socket, or the caller's own terminal through a runtime that stays (CLI.md 2.6). */
export function checkTerminal({ terminal, detached, consoleSocket, pointer }: TerminalUse): void {
  if (terminal && detached && consoleSocket === undefined) {
    const message = "cannot allocate tty if tsoci will detach without setting console socket";
    throw pointer === undefined ? new TsociError("usage", message) : new TsociError("config", message, { pointer });
  }
  if (consoleSocket !== undefined && !(terminal && detached)) {
    throw new TsociError("usage", "cannot use console socket if tsoci will not detach or allocate tty");
  }
}

/** host: before init exists, while the socket's path can be reached. */
export function connectConsole({ process, consoleSocket }: TerminalRequest): Operation[] {
  if (process.terminal !== true || consoleSocket === undefined) return [];
  return [{ op: "connect", from: "--console-socket", into: "console_socket", path: consoleSocket }];
}

/** init: opens the terminal in the container's /dev/pts and sends its master away. */
export function openTerminal({ process, base, consoleSocket, console }: TerminalRequest): Operation[] {
  if (process.terminal !== true) return [];
  const from = `${base}/terminal`;
  const { uid } = userOf(process);
  return [
    {
      op: "terminal",
      from,
      height: process.consoleSize?.height ?? 0,
      width: process.consoleSize?.width ?? 0,
      uid,
      // The group stays what the mount of devpts says: tty.
      gid: UNCHANGED,
      flags: console ? ["console"] : [],
    },
    ...(consoleSocket === undefined
      ? [{ op: "give", from, slot: "terminal" } as const]
      : [
          {
            op: "send_descriptor",
            from: "--console-socket",
            socket: "console_socket",
            descriptor: "terminal",
            payload: "/dev/ptmx",
          } as const,
          { op: "close", from: "--console-socket", slot: "console_socket" } as const,
        ]),
    { op: "close", from, slot: "terminal" },
  ];
}

/** host: the relay needs the terminal. */
export function receiveTerminal({ process, base, consoleSocket }: TerminalRequest): Operation[] {
  if (process.terminal !== true || consoleSocket !== undefined) return [];
  return [{ op: "take", from: `${base}/terminal`, slot: "terminal" }];
}
