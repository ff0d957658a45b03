/**
 * Symbolic links in a root filesystem that lead to the host (shared/SECURITY.md 2.2: T05, T06, T08, T09, T12, T15, T16).
 * Either the container is refused or all that happens stays inside; a decoy on the host shows which.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Box, baseConfig, type Config, consoleSocket, e2e, MOUNTS, mounts, type Outcome, read, script, type Test } from "../harness.ts";

/** A directory of the host that nothing may change. */
class Decoy {
  readonly path: string;
  readonly #before: string;

  constructor(box: Box) {
    this.path = box.path("decoy");
    mkdirSync(this.path);
    for (const name of ["ptmx", "target", "null", "console", "new-owner"]) writeFileSync(join(this.path, name), `${name}\n`);
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
const globals = () => ["core_pattern", "sysrq", "modprobe"].map((name) => read(`/proc/sys/kernel/${name}`));

interface Case {
  readonly name: string;
  readonly config: Config;
  readonly prepare: (rootfs: string, decoy: string) => void;
  /** "refused", or what the script must print. */
  readonly expected: "refused" | RegExp;
}

/** Relative from the root directory of a bundle to a path of the host, with more ".." than there are levels. */
const far = (path: string) => `${"../".repeat(30)}${path.slice(1)}`;

async function attack(t: Test, box: Box, attempt: Case): Promise<void> {
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

function judge(t: Test, { code, stdout, stderr }: Outcome, expected: Case["expected"], name: string): void {
  if (expected === "refused") {
    t.equal(code, 1, `${name}: ${stdout}`);
    t.match(stderr, /^tsoci: run failed: [^\n]+\n$/, `${name}: one line`);
  } else {
    t.strictSame({ code, stderr }, { code: 0, stderr: "" }, name);
    t.match(stdout, expected, name);
  }
}

function replaceBy(name: string, target: string) {
  return (rootfs: string) => {
    rmSync(join(rootfs, name), { recursive: true, force: true });
    symlinkSync(target, join(rootfs, name));
  };
}

/** No mount on /dev: the layout that the bugs of 2026 in runc and crun need. */
const NODEV = MOUNTS.filter(({ destination }) => !destination.startsWith("/dev"));

e2e("T05: /proc and /sys that are links, or files", async (t, box) => {
  for (const name of ["proc", "sys"]) {
    const targets = ["../bad", "/bad", "DECOY", "FAR", ".", "/"];
    for (const target of targets) {
      const prepare = (rootfs: string, decoy: string) => {
        mkdirSync(join(rootfs, "bad"));
        replaceBy(name, target.replace("DECOY", decoy).replace("FAR", far(decoy)))(rootfs);
      };
      await attack(t, box, { name: `/${name} -> ${target}`, config: script("true"), prepare, expected: "refused" });
    }
    const file = (rootfs: string) => {
      rmSync(join(rootfs, name), { recursive: true });
      writeFileSync(join(rootfs, name), "");
    };
    await attack(t, box, { name: `/${name} is a file`, config: script("true"), prepare: file, expected: "refused" });
  }
});

e2e("T05: other spellings of a destination", async (t, box) => {
  const link = (rootfs: string, decoy: string) => symlinkSync(decoy, join(rootfs, "x"));
  for (const destination of ["/proc/", "//proc", "/x/../proc", "proc", "/./proc/."]) {
    const [, ...others] = MOUNTS;
    const config = script("cat /proc/self/comm", { mounts: [{ destination, type: "proc", source: "proc" }, ...others] });
    await attack(t, box, { name: destination, config, prepare: link, expected: /^cat\n$/ });
  }
});

e2e("T06: mounts on paths with links to the host land inside", async (t, box) => {
  const source = box.path("source");
  mkdirSync(source);
  writeFileSync(join(source, "file"), "mounted\n");
  const prepare = (rootfs: string, decoy: string) => {
    symlinkSync(`/../../../..${decoy}`, join(rootfs, "absolute"));
    symlinkSync(far(decoy), join(rootfs, "relative"));
    symlinkSync("absolute", join(rootfs, "chain"));
    symlinkSync(`${decoy}/target`, join(rootfs, "file"));
  };
  const show = (path: string) => script(`cat ${path}/file 2>/dev/null || stat -f -c %T ${path}`, {});
  for (const link of ["absolute", "relative", "chain"]) {
    const on = (destination: string, mount: Config): Config => ({ ...show(destination), ...mounts({ destination, ...mount }) });
    const tmpfs = on(`/${link}/b`, { type: "tmpfs" });
    await attack(t, box, { name: `tmpfs on /${link}/b`, config: tmpfs, prepare, expected: /^tmpfs\n$/ });
    const bind = on(`/${link}/b`, { source, options: ["bind"] });
    await attack(t, box, { name: `bind on /${link}/b`, config: bind, prepare, expected: /^mounted\n$/ });
    const itself = on(`/${link}`, { source, options: ["bind"] });
    await attack(t, box, { name: `bind on /${link}`, config: itself, prepare, expected: /^mounted\n$/ });
    const below = { ...show(`/${link}/b/c`), ...mounts({ destination: `/${link}/b`, type: "tmpfs" }, { destination: `/${link}/b/c`, source, options: ["bind"] }) };
    await attack(t, box, { name: `a mount below /${link}/b`, config: below, prepare, expected: /^mounted\n$/ });
  }
  const config = { ...show("/b"), ...mounts({ destination: "/a/../../b", source, options: ["bind"] }) };
  await attack(t, box, { name: "/a/../../b", config, prepare, expected: /^mounted\n$/ });
});

e2e("T08: a file bound on a link to the host", async (t, box) => {
  const source = box.path("resolv.conf");
  writeFileSync(source, "nameserver\n");
  const config = { ...script("cat /etc/resolv.conf"), ...mounts({ destination: "/etc/resolv.conf", source, options: ["bind"] }) };
  const link = (target: (decoy: string) => string) => (rootfs: string, decoy: string) => symlinkSync(target(decoy), join(rootfs, "etc/resolv.conf"));
  const inside = /^nameserver\n$/;
  await attack(t, box, { name: "dangling", config, prepare: link((decoy) => `${decoy}/new`), expected: inside });
  await attack(t, box, { name: "a file", config, prepare: link((decoy) => `${decoy}/target`), expected: inside });
  await attack(t, box, { name: "relative", config, prepare: link((decoy) => far(`${decoy}/new`)), expected: inside });
  const chain = (rootfs: string, decoy: string) => {
    symlinkSync("/step", join(rootfs, "etc/resolv.conf"));
    symlinkSync(`${decoy}/new`, join(rootfs, "step"));
  };
  await attack(t, box, { name: "a chain", config, prepare: chain, expected: inside });
  const loop = (rootfs: string) => {
    for (let index = 0; index < 41; index++) symlinkSync(`/l${index + 1}`, join(rootfs, `l${index}`));
    symlinkSync("/l0", join(rootfs, "etc/resolv.conf"));
    symlinkSync("/l0", join(rootfs, "l41"));
  };
  await attack(t, box, { name: "a loop", config, prepare: loop, expected: "refused" });
  const directory = (rootfs: string, decoy: string) => {
    rmSync(join(rootfs, "etc"), { recursive: true });
    symlinkSync(`${decoy}/missing`, join(rootfs, "etc"));
  };
  await attack(t, box, { name: "a dangling directory", config, prepare: directory, expected: inside });
});

e2e("T09: masks when /dev/null of the image is something else", async (t, box) => {
  const text = "head -c 3 /proc/cpuinfo | wc -c; cat /secret; ls -l /secret";
  const masked = (more: Config = {}) => script(text, { mounts: NODEV, linux: { maskedPaths: ["/proc/cpuinfo", "/secret"] }, ...more });
  const secret = (rootfs: string) => writeFileSync(join(rootfs, "secret"), "the secret\n");
  const hidden = /^0\ncrw-rw-rw- .* 1, +3 .*\n$/;
  const cases: [string, (rootfs: string, decoy: string) => void][] = [
    ["missing", () => undefined],
    ["a link to core_pattern", (rootfs) => symlinkSync("/proc/sys/kernel/core_pattern", join(rootfs, "dev/null"))],
    ["a regular file", (rootfs) => writeFileSync(join(rootfs, "dev/null"), "leak")],
    ["a FIFO", (rootfs) => void execFileSync("mkfifo", [join(rootfs, "dev/null")])],
    ["a link to the decoy", (rootfs, decoy) => symlinkSync(`${decoy}/null`, join(rootfs, "dev/null"))],
  ];
  for (const [name, make] of cases) {
    const prepare = (rootfs: string, decoy: string) => {
      secret(rootfs);
      make(rootfs, decoy);
    };
    await attack(t, box, { name, config: masked(), prepare, expected: name === "missing" ? hidden : "refused" });
  }
  const readonly = masked({ root: { readonly: true } });
  await attack(t, box, { name: "missing, and a read-only root", config: readonly, prepare: secret, expected: hidden });
});

e2e("T12: /dev is a link to the host", async (t, box) => {
  const config = baseConfig({ mounts: NODEV });
  const link = (name: string, target: (decoy: string) => string) => (rootfs: string, decoy: string) => replaceBy(name, target(decoy))(rootfs);
  const attempts: [string, (rootfs: string, decoy: string) => void][] = [
    ["absolute", link("dev", (decoy) => decoy)],
    ["relative", link("dev", far)],
    ["chain", (rootfs, decoy) => {
      link("dev", () => "step")(rootfs, decoy);
      symlinkSync(decoy, join(rootfs, "step"));
    }],
    ["/dev/pts", (rootfs, decoy) => symlinkSync(decoy, join(rootfs, "dev/pts"))],
  ];
  for (const [name, prepare] of attempts) {
    // Made inside, at the place that the link names there.
    await attack(t, box, { name: `${name}, no mount on /dev`, config, prepare, expected: /^$/ });
    await attack(t, box, { name: `${name}, with the usual mounts`, config: baseConfig(), prepare, expected: /^$/ });
  }
});

e2e("T10, T13: /dev/console is a link, no mount on /dev", async (t, box) => {
  for (const [index, target] of ["DECOY/new", "DECOY/console", "/proc/sys/kernel/core_pattern", "/etc/x"].entries()) {
    const decoy = new Decoy(box);
    const kernel = globals();
    const devpts = MOUNTS.filter(({ destination }) => destination === "/dev/pts");
    const config = script("echo hello >/dev/console; sleep 0.1", { process: { terminal: true }, mounts: [...NODEV, ...devpts] });
    const c = box.container(config, (rootfs) => symlinkSync(target.replace("DECOY", decoy.path), join(rootfs, "dev/console")));
    const receiver = await consoleSocket(box, box.path(`console-${index}`));
    const { code, stderr } = await c.run(["-d", "--console-socket", receiver.socket]);
    if (code === 0) await receiver.says("hello");
    else t.match(stderr, /^tsoci: run failed: [^\n]+\n$/, target);
    decoy.untouched(t, target);
    t.strictSame(globals(), kernel, target);
    await c.delete(["--force"]);
    await receiver.ended();
    rmSync(decoy.path, { recursive: true });
  }
});

e2e("T15: devices on paths that lead out", async (t, box) => {
  const device = (path: string): Config => ({ linux: { devices: [{ path, type: "c", major: 1, minor: 5, fileMode: 0o600, uid: 7, gid: 8 }] } });
  const prepare = (rootfs: string, decoy: string) => {
    symlinkSync(decoy, join(rootfs, "out"));
    writeFileSync(join(rootfs, "file"), "");
    symlinkSync(`${decoy}/new-owner`, join(rootfs, "link"));
  };
  const show = (path: string) => `ls -ln ${path}`;
  const made = /^crw------- +1 7 +8 +1, +5 /;
  const at = (path: string): Config => script(show(path), device(path));
  await attack(t, box, { name: "..", config: at("/dev/../../x"), prepare, expected: made });
  await attack(t, box, { name: "through a link", config: at("/out/node"), prepare, expected: made });
  await attack(t, box, { name: "on a file", config: at("/file"), prepare, expected: "refused" });
  await attack(t, box, { name: "on a link", config: at("/link"), prepare, expected: "refused" });
});

e2e("working directories, masks and read-only paths through links", async (t, box) => {
  const prepare = (rootfs: string, decoy: string) => {
    symlinkSync(decoy, join(rootfs, "out"));
    symlinkSync(`${decoy}/target`, join(rootfs, "file"));
  };
  const cwd = script("pwd; ls", { process: { cwd: "/out/made" } });
  await attack(t, box, { name: "cwd", config: cwd, prepare, expected: "refused" });
  const paths = script("true", { linux: { maskedPaths: ["/out", "/file"], readonlyPaths: ["/out/pts", "/file"] } });
  await attack(t, box, { name: "masks", config: paths, prepare, expected: /^$/ });
  t.notOk(existsSync("/x"));
});
