/** Default devices, linux.devices, and the links in /dev (config-linux.md, runtime-linux.md). */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { baseConfig, type Config, e2e, type Json, MOUNTS, nothingLeft, refused, script } from "../harness.ts";

const LS = "ls -ln";

e2e("default devices and links", async (t, box) => {
  const nodes = "null zero full random urandom tty";
  const links = "fd stdin stdout stderr ptmx core";
  const { stdout, stderr } = await box
    .container(script(`cd /dev; ${LS} ${nodes}; for l in ${links}; do readlink $l; done; ls`))
    .run();
  t.equal(stderr, "");
  const numbers = [...stdout.matchAll(/^crw-rw-rw- +1 0 +0 +(\d+), +(\d+) .* (\S+)$/gm)].map(
    ([, major, minor, name]) => `${name} ${major}:${minor}`,
  );
  t.strictSame(numbers.sort(), ["full 1:7", "null 1:3", "random 1:8", "tty 5:0", "urandom 1:9", "zero 1:5"]);
  t.match(
    stdout,
    /\n\/proc\/self\/fd\n\/proc\/self\/fd\/0\n\/proc\/self\/fd\/1\n\/proc\/self\/fd\/2\npts\/ptmx\n\/proc\/kcore\n/,
  );
});

e2e("default devices work, and no others do", async (t, box) => {
  const text =
    "echo x >/dev/null; head -c 2 /dev/zero | wc -c; head -c 2 /dev/urandom | wc -c; echo x >/dev/full; mknod /tmp/m c 1 1 && head -c 1 /tmp/m";
  const { stdout, stderr } = await box.container(script(text)).run();
  t.equal(stdout, "2\n2\n");
  t.match(stderr, /No space left on device[\s\S]*\/tmp\/m: Operation not permitted/, "/dev/mem is not for containers");
});

e2e("devices of the configuration: type, numbers, mode whatever the umask, owner", async (t, box) => {
  const devices: Json = [
    { path: "/dev/one", type: "c", major: 10, minor: 229, fileMode: 0o640, uid: 5, gid: 6 },
    { path: "/dev/sub/two", type: "b", major: 7, minor: 3, fileMode: 0o666 },
    { path: "/dev/three", type: "p", fileMode: 0o622, uid: 7 },
    { path: "/dev/four", type: "u", major: 1, minor: 5 },
    { path: "/five", type: "c", major: 1, minor: 3 },
    { path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 0o600 },
  ];
  const c = box.container(
    script(`${LS} /dev/one /dev/sub/two /dev/three /dev/four /five /dev/null`, { linux: { devices } }),
  );
  const { stdout, stderr } = await c.run([], { through: ["sh", "-c", 'umask 077; exec "$0" "$@"'] });
  t.equal(stderr, "");
  for (const line of [
    /^crw-r----- +1 5 +6 +10, 229 .*one$/m,
    /^brw-rw-rw- +1 0 +0 +7, +3 .*two$/m,
    /^prw--w--w- +1 7 +0 .*three$/m,
    /^crw-rw-rw- +1 0 +0 +1, +5 .*four$/m,
    /^crw-rw-rw- +1 0 +0 +1, +3 .*five$/m,
    /^crw------- +1 0 +0 +1, +3 .*null$/m,
  ])
    t.match(stdout, line);
  execFileSync("rm", ["-f", join(c.rootfs, "five")]);
});

e2e("a device that is there already must be the same", async (t, box) => {
  const device = (path: string): Config => ({
    mounts: MOUNTS.filter(({ destination }) => !destination.startsWith("/dev")),
    linux: { devices: [{ path, type: "c", major: 1, minor: 5 }] },
  });
  const prepare = (rootfs: string) => {
    writeFileSync(join(rootfs, "dev/file"), "");
    mkdirSync(join(rootfs, "dev/directory"));
    execFileSync("sh", [
      "-c",
      `mknod ${rootfs}/dev/same c 1 5; mknod ${rootfs}/dev/other c 1 7; mknod ${rootfs}/dev/block b 1 5`,
    ]);
  };
  t.equal((await box.container(script("head -c 1 /dev/same", device("/dev/same")), prepare).run()).code, 0, "the same");
  for (const name of ["file", "directory", "other", "block"]) {
    const c = box.container(baseConfig(device(`/dev/${name}`)), prepare);
    refused(t, await c.create(), new RegExp(`^create failed: /linux/devices/0: make device /dev/${name}: .*`), name);
    t.notOk(existsSync(join(box.root, c.id)));
  }
  await nothingLeft(t, box);
});

e2e("nothing is made in a /dev that is the host's", async (t, box) => {
  const before = execFileSync("ls", ["-la", "/dev"], { encoding: "utf8" }).replace(/^total.*\n.*\n.*\n/, "");
  const [proc] = MOUNTS;
  const config = {
    mounts: [proc, { destination: "/dev", source: "/dev", options: ["rbind"] }],
    linux: { devices: [{ path: "/dev/tsoci-test", type: "p" }] },
  };
  t.equal((await box.container(script("test -c /dev/null", config)).run()).code, 0);
  t.notOk(existsSync("/dev/tsoci-test"));
  t.equal(execFileSync("ls", ["-la", "/dev"], { encoding: "utf8" }).replace(/^total.*\n.*\n.*\n/, ""), before);
});

e2e("a read-only /dev of the configuration still gets its devices", async (t, box) => {
  const [proc, dev, ...others] = MOUNTS;
  const readonly = { ...dev, options: [...(dev?.options ?? []), "ro"] };
  const { stdout, stderr } = await box
    .container(script("echo x >/dev/null && echo ok; touch /dev/x", { mounts: [proc, readonly, ...others] }))
    .run();
  t.equal(stdout, "ok\n");
  t.match(stderr, /Read-only file system/);
});

e2e("rules of linux.resources.devices", async (t, box) => {
  const rule = (allow: boolean, type: string, major: number, minor: number, access: string) => ({
    allow,
    type,
    major,
    minor,
    access,
  });
  const use = (path: string) => `head -c 1 ${path} >/dev/null 2>&1 && echo yes || echo no`;
  const devices: Json = [
    // /dev/kmsg
    { path: "/dev/log-of-the-kernel", type: "c", major: 1, minor: 11 },
  ];
  const capabilities = { bounding: ["CAP_SYSLOG"], permitted: ["CAP_SYSLOG"], effective: ["CAP_SYSLOG"] };
  const denied = script(`${use("/dev/zero")}; ${use("/dev/log-of-the-kernel")}`, {
    process: { capabilities },
    linux: { devices, resources: { devices: [{ allow: false, access: "rwm" }] } },
  });
  t.equal((await box.container(denied).run()).stdout, "yes\nno\n", "defaults stay usable");
  const allowed = script(`${use("/dev/zero")}; ${use("/dev/log-of-the-kernel")}`, {
    process: { capabilities },
    linux: { devices, resources: { devices: [{ allow: false, access: "rwm" }, rule(true, "c", 1, 11, "r")] } },
  });
  t.equal((await box.container(allowed).run()).stdout, "yes\nyes\n", "allowed");
});
