/** containerd as its users see it: through ctr and crictl. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { Daemon } from "../harness/daemon.ts";
import { writeImage } from "../harness/image.ts";
import { type Outcome, outcomeOf, outputOf } from "../harness/outcome.ts";
import type { PrivateHost } from "../harness/private-host.ts";
import { type Dialogue, dialogue, program } from "../harness/programs.ts";
import { ensureRootfs } from "../rootfs.ts";
import { PAUSE, writeConfiguration } from "./configuration.ts";
import type { Crictl } from "./crictl.ts";
import { nothingLeft, STATES } from "./leftovers.ts";

export const IMAGE = "docker.io/library/busybox:tsoci";
/** The namespace of the CRI plugin. */
export const PODS = "k8s.io";

export interface State {
  readonly id: string;
  readonly pid: number;
  readonly status: string;
}

export interface Invocation {
  readonly input?: string;
  /** The namespace of containerd; default: the one of plain containers. */
  readonly namespace?: string;
}

let count = 0;

export class Containerd {
  readonly host: PrivateHost;
  readonly runtime: string;
  readonly crictlProgram: Crictl;
  readonly daemon: Daemon;
  readonly #socket: string;

  constructor(host: PrivateHost, runtime: string, crictl: Crictl) {
    this.host = host;
    this.runtime = runtime;
    this.crictlProgram = crictl;
    this.#socket = this.path("containerd.sock");
    const configuration = writeConfiguration(host.directory, this.#socket);
    // A shim looks for "runc" when nobody named a runtime.
    const env = { PATH: `${this.path("replaced")}:${process.env.PATH}` };
    const command = ["containerd", "--config", configuration] as const;
    this.daemon = new Daemon({ command: [...command], socket: this.#socket, log: this.path("containerd.log"), env });
  }

  /** Starts containerd and gives it images. */
  async start(): Promise<void> {
    writeFileSync(this.path("crictl.yaml"), "");
    await this.daemon.start();
    const rootfs = await ensureRootfs();
    const images = { [IMAGE]: ["sh"], [PAUSE]: ["sleep", "2147483647"] };
    for (const [name, command] of Object.entries(images)) {
      const archive = this.path("image.tar");
      writeImage(archive, { name, rootfs, command });
      for (const namespace of [this.host.name, PODS]) await this.ok(["images", "import", archive], { namespace });
    }
  }

  path(...names: readonly string[]): string {
    return join(this.host.directory, ...names);
  }

  /** A name that nothing else has. */
  unique(): string {
    return `c${count++}`;
  }

  /** The command line of ctr. */
  #ctr(args: readonly string[], namespace: string): [string, string[]] {
    return ["ctr", ["--address", this.#socket, "--namespace", namespace, ...args]];
  }

  async ctr(args: readonly string[], { input, namespace = this.host.name }: Invocation = {}): Promise<Outcome> {
    return await outcomeOf(...this.#ctr(args, namespace), input);
  }

  /** The standard output; throws when ctr fails. */
  async ok(args: readonly string[], options?: Invocation): Promise<string> {
    return outputOf(await this.ctr(args, options), args);
  }

  /** `ctr run` with the runtime under test. */
  async run(flags: readonly string[], id: string, args: readonly string[], options?: Invocation): Promise<Outcome> {
    return await this.ctr(["run", "--runc-binary", this.runtime, ...flags, IMAGE, id, ...args], options);
  }

  /** A container that runs in the background; by default one that waits to be killed. */
  async background(flags: readonly string[] = [], args: readonly string[] = ["sleep", "1000"]): Promise<string> {
    const id = this.unique();
    outputOf(await this.run(["--detach", ...flags], id, args), ["run", ...flags, ...args]);
    return id;
  }

  /** ctr that goes on while other things happen. */
  dialogue(args: readonly string[], namespace = this.host.name): Dialogue {
    return this.#dialogue(...this.#ctr(args, namespace));
  }

  /** The same at a terminal of 33 rows and 77 columns. */
  async terminal(args: readonly string[], namespace = this.host.name): Promise<Dialogue> {
    return await this.#onTerminal(...this.#ctr(args, namespace));
  }

  async crictlTerminal(args: readonly string[]): Promise<Dialogue> {
    return await this.#onTerminal(...this.#crictl(args));
  }

  async #onTerminal(file: string, args: readonly string[]): Promise<Dialogue> {
    return this.#dialogue(await program("pty"), ["33", "77", file, ...args]);
  }

  #dialogue(file: string, args: readonly string[]): Dialogue {
    const path = (...names: readonly string[]) => this.path(...names);
    return dialogue(file, args, { mark: `TSOCI_CALLER=${this.host.name}`, path });
  }

  #crictl(args: readonly string[]): [string, string[]] {
    if ("missing" in this.crictlProgram) throw new Error(this.crictlProgram.missing);
    const endpoint = `unix://${this.#socket}`;
    // It insists on a file; that of the host would tell of another containerd.
    const flags = ["--config", this.path("crictl.yaml"), "--runtime-endpoint", endpoint, "--image-endpoint", endpoint];
    return [this.crictlProgram.path, [...flags, ...args]];
  }

  async crictl(args: readonly string[], input?: string): Promise<Outcome> {
    return await outcomeOf(...this.#crictl(args), input);
  }

  async crictlOk(args: readonly string[]): Promise<string> {
    return outputOf(await this.crictl(args), args);
  }

  /** "RUNNING"; undefined: there is no task. */
  async status(id: string, namespace?: string): Promise<string | undefined> {
    return (await this.#task(id, namespace))?.[2];
  }

  async pid(id: string, namespace?: string): Promise<number> {
    const pid = (await this.#task(id, namespace))?.[1];
    if (pid === undefined) throw new Error(`${id} has no task`);
    return Number(pid);
  }

  async #task(id: string, namespace: string = this.host.name): Promise<string[] | undefined> {
    const lines = (await this.ok(["tasks", "ls"], { namespace })).split("\n").map((line) => line.split(/\s+/));
    return lines.find(([name]) => name === id);
  }

  /** What the runtime itself says of a container; undefined: it knows none of this name. */
  async state(id: string, namespace = this.host.name): Promise<State | undefined> {
    const root = join(STATES, namespace);
    const { stdout } = await execa(this.runtime, ["--root", root, "list", "--format", "json"]);
    return ((JSON.parse(stdout) ?? []) as State[]).find((state) => state.id === id);
  }

  async waitFor(id: string, wanted: string | undefined, namespace?: string): Promise<void> {
    const end = Date.now() + 10_000;
    for (;;) {
      const now = await this.status(id, namespace);
      if (now === wanted) return;
      if (Date.now() > end) throw new Error(`${id} is ${now}, not ${wanted}`);
    }
  }

  /** Removes all containers and pods, and throws when anything of them is left. */
  async clean(): Promise<void> {
    if ("path" in this.crictlProgram) await this.crictl(["rmp", "--all", "--force"]);
    for (const id of (await this.ok(["containers", "ls", "--quiet"])).split("\n").filter((line) => line !== "")) {
      await this.ctr(["tasks", "rm", "--force", id]);
      await this.ok(["containers", "rm", id]);
    }
    await nothingLeft(this.host, [this.host.name, PODS]);
  }
}
