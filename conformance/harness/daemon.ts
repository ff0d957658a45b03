/** Daemons of a test: started on sockets of their own, waited for, stopped, and started again. */
import { closeSync, openSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { read } from "./host.ts";

export interface Description {
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** The socket that it listens on when it is ready. */
  readonly socket: string;
  /** Where its output goes, one start after the other. */
  readonly log: string;
  /** In addition to the environment of the caller. */
  readonly env?: Readonly<Record<string, string>>;
}

export class Daemon {
  readonly #description: Description;
  #process: ReturnType<typeof launch> | undefined;

  constructor(description: Description) {
    this.#description = description;
  }

  /** Returns when it accepts connections; throws, with the end of its log, when it does not within 30 seconds. */
  async start(): Promise<void> {
    const { command, socket } = this.#description;
    const [program] = command;
    this.#process = launch(this.#description);
    const end = Date.now() + 30_000;
    while (!(await accepts(socket))) {
      const gone = this.#process.exitCode !== null || this.#process.signalCode !== null;
      if (gone || Date.now() > end)
        throw new Error(`${program} ${gone ? "ended" : "is not ready"}: ${this.lastLog(20)}`);
      await sleep(20);
    }
  }

  /** Ends it as its service manager would; what it has started stays. */
  async stop(): Promise<void> {
    this.#process?.kill("SIGTERM");
    await this.#process;
    this.#process = undefined;
  }

  /** The last lines of what it said. */
  lastLog(lines: number): string {
    return this.log().trimEnd().split("\n").slice(-lines).join("\n");
  }

  /** All that it said. */
  log(): string {
    return read(this.#description.log) ?? "";
  }
}

async function accepts(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(path);
    const answer = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.on("connect", () => answer(true)).on("error", () => answer(false));
  });
}

function launch({ command: [program, ...args], log, env = {} }: Description) {
  const output = openSync(log, "a");
  // The types of execa know no numbers above 9.
  const started = execa(program, args, {
    stdin: "ignore",
    stdout: output as 3,
    stderr: output as 3,
    env,
    reject: false,
  });
  closeSync(output);
  return started;
}
