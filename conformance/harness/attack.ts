/** Root filesystems that attack: a decoy on the host shows whether what was done in the container stayed inside. */
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Box, type Config, MOUNTS, type Outcome, read, type Test } from "../harness.ts";

/** A directory of the host that nothing may change. */
export class Decoy {
  readonly path: string;
  readonly #before: string;

  constructor(box: Box) {
    this.path = box.path("decoy");
    mkdirSync(this.path);
    for (const name of ["ptmx", "target", "null", "console", "new-owner"])
      writeFileSync(join(this.path, name), `${name}\n`);
    mkdirSync(join(this.path, "pts"));
    this.#before = this.#look(this.path);
  }

  #look(path: string): string {
    const { ino, mode, uid, gid, mtimeMs, nlink, size } = lstatSync(path);
    const own = [path, ino, mode, uid, gid, mtimeMs, nlink, size].join(" ");
    const stat = lstatSync(path);
    if (stat.isDirectory()) return [own, ...readdirSync(path).map((name) => this.#look(join(path, name)))].join("\n");
    return `${own} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
  }

  untouched(t: Test, what: string): void {
    t.equal(this.#look(this.path), this.#before, `${what}: the decoy is untouched`);
  }
}

/** Values of the whole machine that a redirected write could change. */
export const globals = () => ["core_pattern", "sysrq", "modprobe"].map((name) => read(`/proc/sys/kernel/${name}`));

export interface Case {
  readonly name: string;
  readonly config: Config;
  readonly prepare: (rootfs: string, decoy: string) => void;
  /** "refused", or what the script must print. */
  readonly expected: "refused" | RegExp;
}

/** Relative from the root directory of a bundle to a path of the host, with more ".." than there are levels. */
export const far = (path: string) => `${"../".repeat(30)}${path.slice(1)}`;

export async function attack(t: Test, box: Box, attempt: Case): Promise<void> {
  const { name, config, prepare, expected } = attempt;
  const decoy = new Decoy(box);
  const kernel = globals();
  const c = box.container(config, (rootfs) => prepare(rootfs, decoy.path));
  const outcome = await c.run();
  decoy.untouched(t, name);
  t.strictSame(globals(), kernel, `${name}: globals of the kernel`);
  judge(t, outcome, expected, name);
  rmSync(decoy.path, { recursive: true });
}

export function judge(t: Test, { code, stdout, stderr }: Outcome, expected: Case["expected"], name: string): void {
  if (expected === "refused") {
    t.equal(code, 1, `${name}: ${stdout}`);
    t.match(stderr, /^tsoci: run failed: [^\n]+\n$/, `${name}: one line`);
  } else {
    t.strictSame({ code, stderr }, { code: 0, stderr: "" }, name);
    t.match(stdout, expected, name);
  }
}

export function replaceBy(name: string, target: string) {
  return (rootfs: string) => {
    rmSync(join(rootfs, name), { recursive: true, force: true });
    symlinkSync(target, join(rootfs, name));
  };
}

/** No mount on /dev: the layout that the bugs of 2026 in runc and crun need. */
export const NODEV = MOUNTS.filter(({ destination }) => !destination.startsWith("/dev"));
