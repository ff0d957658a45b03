/** Links and wrong files in /dev of a root filesystem (shared/SECURITY.md 2.2: T09, T10, T12, T13, T15). */
import { execFileSync } from "node:child_process";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attack, Decoy, far, globals, NODEV, replaceBy } from "../harness/attack.ts";
import { baseConfig, type Config, consoleSocket, e2e, MOUNTS, script } from "../harness.ts";

e2e("T09: masks when /dev/null of the image is something else", async (t, box) => {
  const text = "head -c 3 /proc/cpuinfo | wc -c; cat /secret; ls -l /secret";
  const masked = (more: Config = {}) =>
    script(text, { mounts: NODEV, linux: { maskedPaths: ["/proc/cpuinfo", "/secret"] }, ...more });
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
  const link = (name: string, target: (decoy: string) => string) => (rootfs: string, decoy: string) =>
    replaceBy(name, target(decoy))(rootfs);
  const attempts: [string, (rootfs: string, decoy: string) => void][] = [
    ["absolute", link("dev", (decoy) => decoy)],
    ["relative", link("dev", far)],
    [
      "chain",
      (rootfs, decoy) => {
        link("dev", () => "step")(rootfs, decoy);
        symlinkSync(decoy, join(rootfs, "step"));
      },
    ],
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
    const config = script("echo hello >/dev/console; sleep 0.1", {
      process: { terminal: true },
      mounts: [...NODEV, ...devpts],
    });
    const c = box.container(config, (rootfs) =>
      symlinkSync(target.replace("DECOY", decoy.path), join(rootfs, "dev/console")),
    );
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
  const device = (path: string): Config => ({
    linux: { devices: [{ path, type: "c", major: 1, minor: 5, fileMode: 0o600, uid: 7, gid: 8 }] },
  });
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
