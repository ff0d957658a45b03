/** Docker as its users see it: through the docker command. */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa, execaSync } from "execa";
import { Daemon } from "../harness/daemon.ts";
import { type Outcome, outcomeOf, outputOf } from "../harness/outcome.ts";
import type { PrivateHost } from "../harness/private-host.ts";
import { type Dialogue, dialogue, program } from "../harness/programs.ts";
import { ensureRootfs } from "../rootfs.ts";
import { RUNTIME, writeConfiguration } from "./configuration.ts";
import { nothingLeft } from "./leftovers.ts";

export const IMAGE = "busybox:tsoci";
const PATIENCE = 10_000;

let count = 0;

export class Docker {
  readonly host: PrivateHost;
  readonly runtime: string;
  readonly daemon: Daemon;
  readonly #socket: string;

  readonly #directory: string;

  /** dockerd gets these flags in addition to those of all. */
  constructor(host: PrivateHost, runtime: string, directory = host.directory, more: readonly string[] = []) {
    this.host = host;
    this.runtime = runtime;
    this.#directory = directory;
    this.#socket = this.path("docker.sock");
    const places = { "--data-root": "data", "--exec-root": "exec", "--pidfile": "docker.pid" };
    const own = Object.entries(places).map(([flag, name]) => `${flag}=${this.path(name)}`);
    const network = ["--iptables=false", "--ip6tables=false", "--bridge=none"];
    const configuration = `--config-file=${writeConfiguration(directory)}`;
    const choices = ["--storage-driver=overlay2", "--live-restore", `--cgroup-parent=/${host.name}`];
    const flags = [...own, ...network, ...choices, configuration, ...more];
    const command = ["dockerd", `--host=unix://${this.#socket}`, ...flags] as const;
    this.daemon = new Daemon({ command: [...command], socket: this.#socket, log: this.path("dockerd.log") });
  }

  /** Another dockerd beside this one, with these flags in addition. */
  another(name: string, flags: readonly string[]): Docker {
    const directory = this.path(name);
    mkdirSync(directory);
    return new Docker(this.host, this.runtime, directory, flags);
  }

  /** Starts dockerd, which starts its own containerd, and gives it the image. */
  async start(): Promise<void> {
    mkdirSync(this.path("data"));
    // The upper directories of an overlay can't be on an overlay, which the root of this machine may be.
    execaSync("mount", ["-t", "tmpfs", "-o", "mode=755", "tmpfs", this.path("data")]);
    await this.daemon.start();
    const archive = await execa("tar", ["-C", await ensureRootfs(), "-c", "."], { encoding: "buffer" });
    const [file, args] = this.#docker(["import", "--change", 'CMD ["sh"]', "-", IMAGE]);
    await execa(file, args, { input: archive.stdout });
  }

  path(...names: readonly string[]): string {
    return join(this.#directory, ...names);
  }

  /** A name that nothing else has. */
  unique(): string {
    return `c${count++}`;
  }

  /** A new directory, for volumes. */
  directory(): string {
    const path = this.path(`directory-${count++}`);
    mkdirSync(path);
    return path;
  }

  #docker(args: readonly string[]): [string, string[]] {
    return ["docker", ["--config", this.path("client"), "--host", `unix://${this.#socket}`, ...args]];
  }

  async docker(args: readonly string[], input?: string): Promise<Outcome> {
    return await outcomeOf(...this.#docker(args), input);
  }

  /** The standard output; throws when docker fails. */
  async ok(args: readonly string[], input?: string): Promise<string> {
    return outputOf(await this.docker(args, input), args);
  }

  /** The arguments of `docker run`, or of another command that makes a container, with the runtime under test. */
  making(flags: readonly string[], command: readonly string[], verb = "run"): string[] {
    return [verb, "--runtime", RUNTIME, ...flags, IMAGE, ...command];
  }

  async run(flags: readonly string[], command: readonly string[], input?: string): Promise<Outcome> {
    return await this.docker(this.making(flags, command), input);
  }

  /** What a shell script prints in a container with these flags; it must succeed. */
  async output(flags: readonly string[], script: string): Promise<string> {
    return await this.ok(this.making(["--rm", ...flags], ["sh", "-c", script]));
  }

  /** A container that runs in the background, by name; by default one that waits to be killed. */
  async background(flags: readonly string[] = [], command: readonly string[] = ["sleep", "1000"]): Promise<string> {
    const name = this.unique();
    await this.ok(this.making(["--detach", "--name", name, ...flags], command));
    return name;
  }

  /** docker that goes on while other things happen. */
  dialogue(args: readonly string[]): Dialogue {
    return this.#dialogue(...this.#docker(args));
  }

  /** The same at a terminal of 33 rows and 77 columns. */
  async terminal(args: readonly string[]): Promise<Dialogue> {
    const [file, rest] = this.#docker(args);
    return this.#dialogue(await program("pty"), ["33", "77", file, ...rest]);
  }

  #dialogue(file: string, args: readonly string[]): Dialogue {
    const path = (...names: readonly string[]) => this.path(...names);
    return dialogue(file, args, { mark: `TSOCI_CALLER=${this.host.name}`, path });
  }

  async inspect(name: string, format: string): Promise<string> {
    return (await this.ok(["container", "inspect", "--format", format, name])).trimEnd();
  }

  /** "running", "exited" … */
  async status(name: string): Promise<string> {
    return await this.inspect(name, "{{.State.Status}}");
  }

  async pid(name: string): Promise<number> {
    return Number(await this.inspect(name, "{{.State.Pid}}"));
  }

  /** Waits for the end of a container and returns its exit status. */
  async wait(name: string): Promise<number> {
    return Number(await this.ok(["wait", name]));
  }

  /** Repeats a command until it prints this. */
  async prints(args: readonly string[], wanted: RegExp): Promise<void> {
    for (const end = Date.now() + PATIENCE; ; await sleep(50)) {
      const { stdout, stderr } = await this.docker(args);
      if (wanted.test(stdout + stderr)) return;
      if (Date.now() > end) throw new Error(`${args.join(" ")} does not print ${wanted}: ${stdout}${stderr}`);
    }
  }

  /** What the runtime itself says of a container; undefined: it knows none of this id. */
  async state(name: string): Promise<{ readonly status: string; readonly pid: number } | undefined> {
    const id = await this.inspect(name, "{{.Id}}");
    for (const root of this.#states()) {
      const { exitCode, stdout } = await execa(this.runtime, ["--root", root, "state", id], { reject: false });
      if (exitCode === 0) return JSON.parse(stdout);
    }
    return undefined;
  }

  /** Some versions of Docker name the directory after the container's runtime, others after the default one. */
  #states(): string[] {
    const names = readdirSync(this.path("exec")).filter((name) => name.startsWith("runtime-"));
    return names.map((name) => this.path("exec", name, "moby"));
  }

  /** Removes all containers and volumes, and throws when anything of them is left. */
  async clean(): Promise<void> {
    const names = (await this.ok(["ps", "--all", "--quiet"])).split("\n").filter((line) => line !== "");
    if (names.length > 0) await this.ok(["rm", "--force", "--volumes", ...names]);
    await nothingLeft(this.host, { states: this.#states(), mounts: [this.path("data"), this.path("exec")] });
  }
}
