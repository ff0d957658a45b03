/** root, rootfsPropagation, maskedPaths, readonlyPaths, and containers without a mount namespace of their own. */
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  baseConfig,
  type Container,
  e2e,
  MOUNTS,
  type MountLine,
  mountsOf,
  namespaces,
  nothingLeft,
  type Outcome,
  parseMountinfo,
  refused,
  script,
  sleeper,
  succeeded,
} from "../harness.ts";

e2e("a read-only root, and writable mounts on it", async (t, box) => {
  const c = box.container(
    script("touch /x; touch /dev/shm/y && echo shm; touch /proc/z", { root: { readonly: true } }),
  );
  const { stdout, stderr } = await c.run();
  t.equal(stdout, "shm\n");
  t.match(stderr, /^touch: \/x: Read-only file system\ntouch: \/proc\/z: /);
  t.notOk(existsSync(join(c.rootfs, "x")));
  const writable = box.container(script("touch /x"));
  t.equal((await writable.run()).code, 0);
  t.ok(existsSync(join(writable.rootfs, "x")));
});

e2e("root.path absolute, relative, and through a link in the bundle", async (t, box) => {
  const c = box.container(script("echo inside"));
  symlinkSync("rootfs", join(c.bundle, "link"));
  for (const path of [c.rootfs, "./rootfs/", "link", `../${c.bundle.split("/").at(-1)}/rootfs`]) {
    writeFileSync(join(c.bundle, "config.json"), JSON.stringify(script("echo inside", { root: { path } })));
    t.match(await c.run(), { code: 0, stdout: "inside\n", stderr: "" }, path);
  }
});

e2e("a missing root, and one that is a file", async (t, box) => {
  const c = box.container(baseConfig());
  rmSync(c.rootfs, { recursive: true });
  refused(t, await c.create(), /^create failed: \/root(\/path)?: .*rootfs.*no such file or directory$/, "missing");
  writeFileSync(c.rootfs, "");
  refused(t, await c.create(), /^create failed: \/root(\/path)?: .*rootfs.*not a directory$/, "a file");
  await nothingLeft(t, box);
});

e2e("the host is out of reach", async (t, box) => {
  writeFileSync(box.path("secret"), "");
  const c = box.container(script(`ls ${box.path("secret")}; cat /proc/self/mountinfo; ls /.. | tr '\\n' ' '`));
  const { stdout, stderr } = await c.run();
  t.match(stderr, /No such file/);
  t.notMatch(stdout, / \/(boot|home|work)/);
  t.match(stdout, /bin dev etc proc root sys tmp $/);
});

e2e("--no-pivot", async (t, box) => {
  const c = box.container(script("ls / | tr '\\n' ' '; cat /proc/self/mountinfo"));
  const { code, stdout, stderr } = await c.run(["--no-pivot"]);
  t.strictSame({ code, stderr }, { code: 0, stderr: "" });
  t.match(stdout, /^bin dev etc proc root sys tmp /);
});

/** The mount of "/" in a running container, when "/" of the caller is shared, as systemd has it. */
async function rootMount(c: Container): Promise<{ outcome: Outcome; root: MountLine | undefined }> {
  // Looked at before the caller's mount namespace goes, and its peer group with it.
  const pid = c.box.path("pid");
  const text = `mount --make-rshared / && "$0" "$@" && cat /proc/$(cat ${pid})/mountinfo`;
  const through = ["unshare", "--mount", "--propagation", "private", "sh", "-c", text];
  const outcome = await c.run(["-d", "--pid-file", pid], { through });
  return { outcome, root: parseMountinfo(outcome.stdout).find(({ target }) => target === "/") };
}

e2e("rootfsPropagation", async (t, box) => {
  const expected = {
    shared: /^shared:/,
    rshared: /^shared:/,
    slave: /^master:/,
    rslave: /^master:/,
    private: /^$/,
    unbindable: /^unbindable$/,
  };
  for (const [rootfsPropagation, words] of Object.entries(expected)) {
    const c = box.container(sleeper({ linux: { rootfsPropagation } }));
    const { outcome, root } = await rootMount(c);
    t.equal(outcome.code, 0, `${rootfsPropagation}: ${outcome.stderr}`);
    t.match(root?.propagation.join(" "), words, rootfsPropagation);
    await c.delete(["--force"]);
  }
  const bad = box.container(sleeper({ linux: { rootfsPropagation: "sideways" } }));
  refused(t, await bad.create(), /^create failed: \/linux\/rootfsPropagation: /, "another word");
});

/** As runtime-tools judges it: with "shared" a bind below / appears in a recursive bind of / made before. */
e2e("rootfsPropagation, by its effect inside", async (t, box) => {
  const capabilities = { bounding: ["CAP_SYS_ADMIN"], permitted: ["CAP_SYS_ADMIN"], effective: ["CAP_SYS_ADMIN"] };
  const text =
    "mkdir -p /target /source; touch /source/file; mount --rbind / /target || exit 3; mkdir -p /m; mount --bind /source /m && ls /target/m";
  const expected = { shared: [0, "file\n"], slave: [0, ""], private: [0, ""], unbindable: [3, ""] } as const;
  for (const [rootfsPropagation, [code, stdout]] of Object.entries(expected)) {
    const outcome = await box
      .container(script(text, { process: { capabilities }, linux: { rootfsPropagation } }))
      .run();
    t.strictSame([outcome.code, outcome.stdout], [code, stdout], `${rootfsPropagation}: ${outcome.stderr}`);
  }
});

e2e("what the container mounts never shows on the host", async (t, box) => {
  const c = box.container(sleeper());
  const text = 'mount --make-rshared / && "$0" "$@"; code=$?; cat /proc/self/mountinfo; exit $code';
  const { code, stdout } = await c.run(["-d"], {
    through: ["unshare", "--mount", "--propagation", "private", "sh", "-c", text],
  });
  t.equal(code, 0);
  t.strictSame(
    parseMountinfo(stdout).filter(({ target }) => target.includes(c.bundle)),
    [],
  );
});

e2e("masked paths", async (t, box) => {
  const prepare = (rootfs: string) => {
    mkdirSync(join(rootfs, "hidden/below"), { recursive: true });
    writeFileSync(join(rootfs, "hidden/below/file"), "secret\n");
    writeFileSync(join(rootfs, "file"), "secret\n");
  };
  const maskedPaths = [
    "/hidden",
    "/hidden/below",
    "/hidden/below/file",
    "/file",
    "/missing",
    "/missing/below",
    "/proc/uptime",
    "/dev/zero",
    "/file",
  ];
  const text =
    "ls -A /hidden; cat /file /proc/uptime; head -c 1 /dev/zero; touch /hidden/x; echo y > /file; cat /file; ls -ld /hidden";
  const c = box.container(script(text, { linux: { maskedPaths } }), prepare);
  const { stdout, stderr } = await c.run();
  t.match(stdout, /^d\S+ +2 .* \/hidden\n$/);
  t.equal(stderr, "touch: /hidden/x: Read-only file system\n");
  t.equal(readFileSync(join(c.rootfs, "file"), "utf8"), "secret\n");
});

e2e("read-only paths", async (t, box) => {
  const prepare = (rootfs: string) => {
    mkdirSync(join(rootfs, "data/below"), { recursive: true });
    writeFileSync(join(rootfs, "file"), "old\n");
  };
  const readonlyPaths = ["/data", "/data/below", "/file", "/missing", "/proc/sys", "/dev/null"];
  const text =
    "touch /data/x; touch /data/below/x; echo new > /file; echo 1 > /proc/sys/vm/swappiness; cat /file; touch /ok; echo z > /dev/null && echo null";
  const { stdout, stderr } = await box.container(script(text, { linux: { readonlyPaths } }), prepare).run();
  t.equal(stdout, "old\nnull\n");
  t.equal(stderr.match(/Read-only file system/gi)?.length, 4, stderr);
});

e2e("a submount of a read-only path is read-only, too", async (t, box) => {
  const change = {
    mounts: [...MOUNTS, { destination: "/data/sub", type: "tmpfs" }],
    linux: { readonlyPaths: ["/data"] },
  };
  const { stderr } = await box.container(script("touch /data/sub/x", change)).run();
  t.match(stderr, /Read-only file system/);
});

e2e("without a mount namespace the mounts are the host's, and gone after delete", async (t, box) => {
  const change = { hostname: undefined, ...namespaces("pid") };
  const c = box.container(sleeper(change));
  succeeded(t, await c.run(["-d"]), "run");
  t.equal(
    readFileSync(`/proc/${await c.pid()}/root/etc/passwd`, "utf8"),
    readFileSync(join(c.rootfs, "etc/passwd"), "utf8"),
  );
  t.ok(mountsOf("self").some(({ target }) => target === join(c.rootfs, "dev/pts")));
  t.match(await c.exec(["ls", "/"]), { code: 0, stdout: /^bin\n/ });
  succeeded(t, await c.delete(["--force"]), "delete");
  await nothingLeft(t, box);
  const failing = box.container(baseConfig({ ...change, process: { args: ["nothere"] } }));
  t.equal((await failing.create()).code, 1);
  await nothingLeft(t, box);
});

e2e("no namespaces at all", async (t, box) => {
  const c = box.container(script("echo inside; cat /etc/passwd | head -n 1", { hostname: undefined, ...namespaces() }));
  t.match(await c.run(), { code: 0, stdout: "inside\nroot:x:0:0:root:/root:/bin/sh\n", stderr: "" });
  await nothingLeft(t, box);
});

e2e("an image that the container's root does not own is still used, unwritable places are told", async (t, box) => {
  const c = box.container(baseConfig(), (rootfs) => {
    chownSync(rootfs, 12345, 12345);
    chmodSync(rootfs, 0o500);
  });
  t.equal((await c.run()).code, 0, "root of the host may do all");
});
