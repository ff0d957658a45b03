/** One test's own world: a temporary directory, a state root, bundles, and tsoci to run. */
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { type Config, type Json, merge } from "./config.ts";
import { Container } from "./container.ts";
import type { Engine } from "./engines.ts";
import { processesWith } from "./host.ts";
import { hostMounts } from "./leaks.ts";
import { patiently } from "./patience.ts";
import { makeRootfs } from "./rootfs.ts";

export interface Invocation {
  readonly cwd?: string;
  /** The whole environment, but for the test's mark; default: a PATH. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Runs through another program: `["setpriv", "--reuid", "1000"]`. */
  readonly through?: readonly string[];
  /** Global flags before the command; default: --root of the box. */
  readonly global?: readonly string[];
  readonly milliseconds?: number;
  /** Default: the one of the box. */
  readonly engine?: Engine;
}

export interface Outcome {
  /** Undefined when a signal ended the runtime. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
  /** With what a container that is still running has written so far. */
  readonly stdout: string;
  readonly stderr: string;
  readonly files: { readonly stdout: string; readonly stderr: string };
}

let count = 0;

export class Box {
  readonly engine: Engine;
  /** Part of the name of everything that the test makes. */
  readonly tag = `e2e-${process.pid}-${count++}`;
  readonly directory: string;
  readonly root: string;
  /** Of the host, before the test. */
  readonly mounts: readonly string[];
  readonly containers: Container[] = [];
  #files = 0;

  constructor(engine: Engine) {
    this.engine = engine;
    this.directory = mkdtempSync(join(tmpdir(), `tsoci-${this.tag}-`));
    // Users of containers must get at their root filesystems.
    chmodSync(this.directory, 0o755);
    this.root = join(this.directory, "state");
    this.mounts = hostMounts(this.directory);
    mkdirSync(this.path("out"), { recursive: true });
  }

  /** An entry of the environment that all processes of the test carry. */
  get mark(): string {
    return `TSOCI_E2E=${this.tag}`;
  }

  path(...names: readonly string[]): string {
    return join(this.directory, ...names);
  }

  /** Runs tsoci. Its output goes to files, for a container that it leaves behind keeps them open. */
  async tsoci(args: readonly string[], options: Invocation = {}): Promise<Outcome> {
    const { through = [], global = ["--root", this.root], env = { PATH: process.env.PATH ?? "" } } = options;
    const [program = "", ...rest] = [...through, (options.engine ?? this.engine).tsoci, ...global, ...args];
    const number = this.#files++;
    const files = { stdout: this.path("out", `${number}.out`), stderr: this.path("out", `${number}.err`) };
    const stdout = openSync(files.stdout, "w", 0o666);
    const stderr = openSync(files.stderr, "w", 0o666);
    const [name = "", value = ""] = this.mark.split("=");
    const result = await execa(program, rest, {
      ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      // The types of execa know no numbers above 9.
      stdout: stdout as 3,
      stderr: stderr as 3,
      env: { ...env, [name]: value },
      extendEnv: false,
      reject: false,
      timeout: patiently(options.milliseconds ?? 30_000),
      killSignal: "SIGKILL",
    });
    closeSync(stdout);
    closeSync(stderr);
    const text = (file: string) => readFileSync(file, "utf8");
    if (result.exitCode === undefined && result.signal === undefined) throw result;
    return {
      code: result.exitCode,
      signal: result.signal,
      stdout: text(files.stdout),
      stderr: text(files.stderr),
      files,
    };
  }

  /** A directory with config.json and a root filesystem. */
  bundle(config: Json | string, prepare: (rootfs: string) => void = () => undefined): string {
    const directory = mkdtempSync(this.path("bundle-"));
    chmodSync(directory, 0o755);
    makeRootfs(join(directory, "rootfs"));
    prepare(join(directory, "rootfs"));
    const text = typeof config === "string" ? config : JSON.stringify(this.#marked(config as Config), undefined, 2);
    writeFileSync(join(directory, "config.json"), text);
    return directory;
  }

  /** A container that is not made yet. */
  container(config: Config, prepare?: (rootfs: string) => void): Container {
    const container = new Container(this, `${this.tag}-${this.containers.length}`, this.bundle(config, prepare));
    this.containers.push(container);
    return container;
  }

  /** The program of the container carries the test's mark, so that none is overlooked. */
  #marked(config: Config): Config {
    const process = config.process as { readonly env?: readonly string[] } | undefined;
    if (process === undefined || process === null || !Array.isArray(process.env ?? [])) return config;
    return merge(config, { process: { env: [...(process.env ?? []), this.mark] } });
  }

  /** Deletes the containers that are there: what a deleted one left behind stays, to be found. */
  async deleteAll(): Promise<void> {
    for (const { id } of this.containers) {
      if (existsSync(join(this.root, id))) await this.tsoci(["delete", "--force", id]);
    }
  }

  /** After a test, however it went. */
  clean(): void {
    for (const pid of processesWith(this.mark)) process.kill(pid, "SIGKILL");
    rmSync(this.directory, { recursive: true, force: true });
  }
}
