/** A container of a test, and the commands on it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Box, Invocation, Outcome } from "./box.ts";
import { until } from "./host.ts";
import { patiently } from "./patience.ts";

export interface State {
  readonly ociVersion: string;
  readonly id: string;
  readonly pid: number;
  readonly status: string;
  readonly bundle: string;
  readonly rootfs: string;
  readonly created: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly owner: string;
}

export class Container {
  readonly box: Box;
  readonly id: string;
  readonly bundle: string;

  constructor(box: Box, id: string, bundle: string) {
    this.box = box;
    this.id = id;
    this.bundle = bundle;
  }

  get rootfs(): string {
    return join(this.bundle, "rootfs");
  }

  create(flags: readonly string[] = [], options?: Invocation): Promise<Outcome> {
    return this.box.tsoci(["create", "--bundle", this.bundle, ...flags, this.id], options);
  }

  run(flags: readonly string[] = [], options?: Invocation): Promise<Outcome> {
    return this.box.tsoci(["run", "--bundle", this.bundle, ...flags, this.id], options);
  }

  start(options?: Invocation): Promise<Outcome> {
    return this.box.tsoci(["start", this.id], options);
  }

  kill(signal?: string, options?: Invocation): Promise<Outcome> {
    return this.box.tsoci(["kill", this.id, ...(signal === undefined ? [] : [signal])], options);
  }

  delete(flags: readonly string[] = [], options?: Invocation): Promise<Outcome> {
    return this.box.tsoci(["delete", ...flags, this.id], options);
  }

  exec(args: readonly string[], options?: Invocation, flags: readonly string[] = []): Promise<Outcome> {
    return this.box.tsoci(["exec", ...flags, this.id, ...args], options);
  }

  stateOutcome(options?: Invocation): Promise<Outcome> {
    return this.box.tsoci(["state", this.id], options);
  }

  /** Throws when there is none. */
  async state(options?: Invocation): Promise<State> {
    const { code, stdout, stderr } = await this.stateOutcome(options);
    if (code !== 0) throw new Error(`state ${this.id}: ${stderr}`);
    return JSON.parse(stdout) as State;
  }

  async status(): Promise<string> {
    return (await this.state()).status;
  }

  async pid(): Promise<number> {
    return (await this.state()).pid;
  }

  /** Polls until the container has this status. */
  async waitFor(status: string, milliseconds = 5000, options?: Invocation): Promise<void> {
    const end = Date.now() + patiently(milliseconds);
    for (;;) {
      const now = (await this.state(options)).status;
      if (now === status) return;
      if (Date.now() > end) throw new Error(`${this.id} is ${now}, not ${status}`);
    }
  }
}

/** Waits until a file holds something, which a container or a hook writes. */
export function written(
  path: string,
  complete: (text: string) => boolean = (text) => text.endsWith("\n"),
): Promise<string> {
  return until(`${path} is written`, () => {
    try {
      const text = readFileSync(path, "utf8");
      return complete(text) ? text : undefined;
    } catch {
      return undefined;
    }
  });
}
