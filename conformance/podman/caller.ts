/** Podman, called by one user for one runtime; what a check makes is removed after it. */
import assert from "node:assert/strict";
import { chownSync, closeSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { type Dialogue, dialogue, program } from "../harness/programs.ts";
import { ensureRootfs } from "../rootfs.ts";
import { nothingLeft } from "./leftovers.ts";
import type { Place } from "./places.ts";

export const IMAGE = "localhost/busybox";

/** Where the hard limits of the caller are lower than Podman's defaults, as on small machines. */
const ULIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"];
const MILLISECONDS = 60_000;
/** For what follows at once. */
const PATIENCE = 5_000;
/** Flags beside which a network or a parent cgroup can't be chosen. */
const AGAINST = { network: /^--(network|pod)$/, cgroup: /^--(cgroups|pod)$/ } as const;

export interface Invocation {
  readonly input?: string;
  /** Becomes descriptor 3. */
  readonly third?: string;
}

export interface Outcome {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

let count = 0;

export class Podman {
  readonly place: Place;
  readonly runtime: string;
  #containers: string[] = [];
  #pods: string[] = [];

  constructor(place: Place, runtime: string) {
    this.place = place;
    this.runtime = runtime;
  }

  /** With storage of its own, and the image in it. */
  static async prepare(place: Place, runtime: string): Promise<Podman> {
    const podman = new Podman(place, runtime);
    writeFileSync(podman.#configuration, configuration(place));
    const archive = await execa("tar", ["-C", await ensureRootfs(), "-c", "."], { encoding: "buffer" });
    const [file = "", ...args] = podman.#command(["import", "-", IMAGE]);
    await execa(file, args, { input: archive.stdout });
    return podman;
  }

  get rootless(): boolean {
    return this.place.name === "rootless";
  }

  with(runtime: string): Podman {
    return new Podman(this.place, runtime);
  }

  async podman(args: readonly string[], { input = "", third }: Invocation = {}): Promise<Outcome> {
    const [file = "", ...rest] = this.#command(args);
    const descriptor = third === undefined ? undefined : openSync(third, "r");
    try {
      const options = { input, timeout: MILLISECONDS, reject: false, stripFinalNewline: false } as const;
      const more = descriptor === undefined ? {} : { stdio: [{ string: input }, "pipe", "pipe", descriptor] };
      // The types of execa know no descriptors above 9.
      const { exitCode, stdout, stderr } = await execa(file, rest, { ...options, ...(more as object) });
      return { code: exitCode, stdout: String(stdout), stderr: String(stderr) };
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  /** A command that succeeds and says nothing on standard error; returns what it prints. */
  async ok(args: readonly string[], invocation: Invocation = {}): Promise<string> {
    const { code, stdout, stderr } = await this.podman(args, invocation);
    if (code !== 0 || stderr !== "") assert.fail(`podman ${args.join(" ")}: exit ${code}: ${stderr}`);
    return stdout;
  }

  /** `podman run --rm` with these flags. */
  async run(flags: readonly string[], command: readonly string[], invocation: Invocation = {}): Promise<Outcome> {
    return await this.podman(["run", "--rm", ...this.flags(flags), IMAGE, ...command], invocation);
  }

  /** What a shell script prints in a container with these flags; it must succeed. */
  async output(flags: readonly string[], script: string, invocation: Invocation = {}): Promise<string> {
    return await this.ok(["run", "--rm", ...this.flags(flags), IMAGE, "sh", "-c", script], invocation);
  }

  /** A container that runs a shell script in the background, by name. Default: it sleeps. */
  async background(flags: readonly string[] = [], script = "exec sleep 1000"): Promise<string> {
    const name = this.name();
    await this.ok(["run", "--detach", "--name", name, ...this.flags(flags), IMAGE, "sh", "-c", script]);
    return name;
  }

  /** Flags for `run` and `create`, with those that all containers get. */
  flags(own: readonly string[] = []): string[] {
    const may = (choice: keyof typeof AGAINST) => !own.some((flag) => AGAINST[choice].test(flag));
    const { cgroup } = this.place;
    const parent = cgroup !== undefined && may("cgroup") ? ["--cgroup-parent", cgroup] : [];
    return [...ULIMITS, ...parent, ...(may("network") ? ["--network", "none"] : []), ...own];
  }

  /** A new name, of a container that is removed after the check. */
  name(): string {
    const name = `podman-${this.place.name}-${count++}`;
    this.#containers.push(name);
    return name;
  }

  /** The same, of a pod. */
  pod(): string {
    const name = `pod-${this.place.name}-${count++}`;
    this.#pods.push(name);
    return name;
  }

  async inspect(name: string, format: string): Promise<string> {
    return (await this.ok(["container", "inspect", "--format", format, name])).trimEnd();
  }

  /** The container's first process, in the pid namespace of the checks. */
  async pid(name: string): Promise<number> {
    return Number(await this.inspect(name, "{{.State.Pid}}"));
  }

  /** Waits until the container has printed this. */
  async logs(name: string, wanted: string | RegExp): Promise<void> {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const { stdout, stderr } = await this.podman(["logs", name]);
      const text = stdout + stderr;
      if (typeof wanted === "string" ? text.includes(wanted) : wanted.test(text)) return;
      if (Date.now() > end) assert.fail(`the log has no ${wanted}: ${text}`);
    }
  }

  /** Waits for the container's end and returns its exit status. */
  async wait(name: string): Promise<number> {
    return Number(await this.ok(["wait", name]));
  }

  /** A person at a terminal of 24 rows and 80 columns. */
  async terminal(args: readonly string[]): Promise<Dialogue> {
    return dialogue(await program("pty"), ["24", "80", ...this.#command(args)], {
      mark: this.place.mark,
      path: (...names) => join(this.place.directory, ...names),
    });
  }

  /** A directory of the user's, for volumes. */
  directory(): string {
    const path = join(this.place.directory, `directory-${count++}`);
    mkdirSync(path);
    chownSync(path, this.place.uid, this.place.uid);
    return path;
  }

  /** Removes the check's containers and pods; throws when something of them is left. */
  async clean(): Promise<void> {
    const force = ["--force", "--ignore", "--time", "0"];
    const pods = this.#pods.splice(0).map((name) => ["pod", "rm", ...force, name]);
    // The last ones first: they may depend on the others.
    const containers = this.#containers.splice(0).reverse();
    for (const args of [...pods, ...containers.map((name) => ["rm", ...force, name])]) {
      const { stderr } = await this.podman(args);
      assert.equal(stderr, "", `podman ${args.join(" ")}`);
    }
    await nothingLeft(this.place);
  }

  #command(args: readonly string[]): string[] {
    const { directory, env, mark, through } = this.place;
    const places = ["root", "runroot", "tmpdir"].map((name) => `--${name}=${join(directory, name.replace("dir", ""))}`);
    const choices = ["--cgroup-manager=cgroupfs", "--storage-driver=vfs", "--log-level=error"];
    const environment = Object.entries({ ...env, CONTAINERS_CONF: this.#configuration });
    // Podman wants to get at its current directory.
    const clean = ["env", "-i", "--chdir", directory, mark, ...environment.map(([name, value]) => `${name}=${value}`)];
    return [...through, ...clean, "podman", ...places, ...choices, `--runtime=${this.runtime}`, ...args];
  }

  get #configuration(): string {
    return join(this.place.directory, "containers.conf");
  }
}

/** The containers' processes carry the mark, too. */
function configuration({ json, mark }: Place): string {
  return [
    "[containers]",
    `env = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", ${JSON.stringify(mark)}]`,
    "[engine]",
    'events_logger = "file"',
    // Podman knows by name which runtimes do what crun does. It has called the entry by both names.
    'runtime_supports_nocgroup = ["crun", "tsoci"]',
    'runtime_supports_nocgroups = ["crun", "tsoci"]',
    `runtime_supports_json = ["crun", "runc"${json ? ', "tsoci"' : ""}]`,
    "",
  ].join("\n");
}
