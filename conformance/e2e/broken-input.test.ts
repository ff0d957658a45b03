/** Broken input: each a one-line error that names the entry, a non-zero exit, and nothing left. */
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import {
  type Box,
  baseConfig,
  type Config,
  e2e,
  type Json,
  MOUNTS,
  merge,
  nothingLeft,
  patiently,
  refused,
  script,
  type Test,
} from "../harness.ts";

const VALID = JSON.stringify(baseConfig(), undefined, 2);

/** `create` refuses this text of a config.json, in a line that matches. */
async function refusesText(t: Test, box: Box, text: string | Uint8Array, message: RegExp, what: string): Promise<void> {
  const bundle = box.bundle(VALID);
  writeFileSync(join(bundle, "config.json"), text);
  const started = Date.now();
  const outcome = await box.tsoci(["create", "--bundle", bundle, box.tag]);
  refused(t, outcome, message, what);
  t.match(outcome.stderr, /config\.json/, `${what}: names the place`);
  t.ok(Date.now() - started < patiently(5000), `${what}: soon`);
  t.notOk(existsSync(join(box.root, box.tag)), `${what}: no state`);
  rmSync(bundle, { recursive: true });
}

e2e("text that is not JSON", async (t, box) => {
  const anything = /^create failed: ./;
  await refusesText(t, box, "", anything, "empty");
  await refusesText(t, box, " \n", anything, "blank");
  for (const length of [1, 40, 300, VALID.length - 2])
    await refusesText(t, box, VALID.slice(0, length), anything, `truncated at ${length}`);
  await refusesText(t, box, `${VALID}x`, anything, "something after the end");
  await refusesText(t, box, VALID.replace('"root"', "root"), anything, "an unquoted key");
  await refusesText(t, box, new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), anything, "not UTF-8");
  await refusesText(t, box, VALID.replace('"e2e"', '"e2\u0000e"'), anything, "a NUL byte");
  await refusesText(t, box, "null", /^create failed: /, "null");
  await refusesText(t, box, "[]", /^create failed: /, "an array");
  await refusesText(t, box, '"text"', /^create failed: /, "a string");
});

e2e("huge and deeply nested JSON", async (t, box) => {
  const deep = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
  await refusesText(t, box, deep("[", "]", 1_000_000), /^create failed: .*(nest|deep)/i, "a million arrays");
  await refusesText(t, box, deep('{"a":', "", 200_000), /^create failed: ./, "nested objects, unclosed");
  const extra = VALID.replace("{", `{"annotations":{"x":${deep("[", "]", 100_000)}},`);
  await refusesText(t, box, extra, /^create failed: .*(nest|deep)/i, "below an annotation");
  await refusesText(
    t,
    box,
    `{"a":"${"x".repeat(64 << 20)}"}`,
    /^create failed: .*(large|size|bytes|long)/i,
    "64 MB of one string",
  );
});

e2e("three thousand mounts", async (t, box) => {
  const mounts = Array.from({ length: 3000 }, (_, index) => ({ destination: `/x/${index}`, type: "tmpfs" }));
  const config = merge(script("grep -c ' /x/' /proc/self/mountinfo"), { mounts: [...MOUNTS, ...mounts] });
  t.match(await box.container(config).run(), { code: 0, stdout: "3000\n", stderr: "" });
});

/** Everything that a container commonly has, so that each can be wrong. */
const RICH: Config = merge(
  baseConfig({
    domainname: "x",
    annotations: { a: "b" },
    process: {
      consoleSize: { height: 1, width: 1 },
      user: { uid: 0, gid: 0, umask: 18, additionalGids: [1] },
      rlimits: [{ type: "RLIMIT_NOFILE", soft: 10, hard: 10 }],
      oomScoreAdj: 1,
    },
    hooks: { createRuntime: [{ path: "/bin/true", args: ["true"], env: ["A=b"], timeout: 1 }] },
  }),
  {
    linux: {
      cgroupsPath: "/x",
      sysctl: { "net.ipv4.ip_forward": "1" },
      maskedPaths: ["/proc/kcore"],
      readonlyPaths: ["/proc/sys"],
      rootfsPropagation: "private",
      devices: [{ path: "/dev/x", type: "c", major: 1, minor: 3, fileMode: 438, uid: 0, gid: 0 }],
      resources: {
        memory: { limit: 10_000_000 },
        cpu: { shares: 100, cpus: "0" },
        pids: { limit: 10 },
        devices: [{ allow: false, access: "rwm" }],
      },
      seccomp: {
        defaultAction: "SCMP_ACT_ALLOW",
        architectures: ["SCMP_ARCH_X86_64"],
        syscalls: [{ names: ["read"], action: "SCMP_ACT_ALLOW" }],
      },
    },
  },
);

interface Place {
  readonly pointer: string;
  readonly value: Json;
  readonly replaced: (by: Json) => Json;
}

function places(value: Json, pointer = "", replace: (by: Json) => Json = (by) => by): Place[] {
  const here = { pointer, value, replaced: replace };
  if (typeof value !== "object" || value === null) return [here];
  const entries = Object.entries(value as Config).slice(0, Array.isArray(value) ? 1 : undefined);
  return [
    here,
    ...entries.flatMap(([key, child]) =>
      places(child as Json, `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`, (by) =>
        replace(Array.isArray(value) ? value.with(Number(key), by) : { ...value, [key]: by }),
      ),
    ),
  ];
}

e2e(
  "a value of the wrong type, anywhere, is named",
  async (t, box) => {
    const all = places(RICH).filter(({ pointer }) => pointer !== "");
    t.ok(all.length > 90, `${all.length} places`);
    for (const { pointer, value, replaced } of all) {
      const wrong: Json =
        typeof value === "string" ? 7 : typeof value === "number" ? "seven" : typeof value === "boolean" ? "yes" : 7;
      const text = pointer.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
      await refusesText(t, box, JSON.stringify(replaced(wrong)), new RegExp(`^create failed: ${text}: `), pointer);
    }
    await nothingLeft(t, box);
  },
  { once: true },
);

e2e("missing, impossible and contradicting entries are named", async (t, box) => {
  const bad = async (change: Config, message: RegExp) =>
    refusesText(t, box, JSON.stringify(baseConfig(change)), message, JSON.stringify(change));
  await bad({ ociVersion: undefined }, /^create failed: .*ociVersion/);
  await bad({ ociVersion: "invalid" }, /^create failed: \/ociVersion: /);
  await bad({ ociVersion: "2.0.0" }, /^create failed: \/ociVersion: /);
  await bad({ root: undefined }, /^create failed: .*root/);
  await bad({ process: { args: [] } }, /^create failed: \/process\/args: /);
  await bad({ process: { args: [""] } }, /^create failed: \/process\/args\/0: /);
  await bad({ process: { cwd: "" } }, /^create failed: \/process\/cwd: /);
  await bad({ process: { env: ["NOVALUE"] } }, /^create failed: \/process\/env\/0: /);
  await bad({ process: { user: { uid: -1, gid: 0 } } }, /^create failed: \/process\/user\/uid: /);
  await bad({ process: { user: { uid: 2 ** 32, gid: 0 } } }, /^create failed: \/process\/user\/uid: /);
  await bad(
    { hostname: undefined, linux: { namespaces: [{ type: "pid" }, { type: "pid" }] } },
    /^create failed: \/linux\/namespaces\/1/,
  );
  await bad(
    { hostname: undefined, linux: { namespaces: [{ type: "galaxy" }] } },
    /^create failed: \/linux\/namespaces\/0\/type: /,
  );
  await bad({ hostname: "x".repeat(65) }, /^create failed: \/hostname: /);
  await bad(
    { hooks: { poststop: [{ path: "/bin/true", timeout: 0 }] } },
    /^create failed: \/hooks\/poststop\/0\/timeout: /,
  );
  await bad({ process: { args: ["a\u0000b"] } }, /^create failed: \/process\/args\/0: /);
});

e2e("namespaces that can't be joined", async (t, box) => {
  const join = async (type: string, path: string, message: RegExp) => {
    const others = ["pid", "network", "ipc", "uts", "mount"]
      .filter((name) => name !== type)
      .map((name) => ({ type: name }));
    await refusesText(
      t,
      box,
      JSON.stringify(baseConfig({ hostname: undefined, linux: { namespaces: [{ type, path }, ...others] } })),
      message,
      `${type} ${path}`,
    );
  };
  await join(
    "network",
    "/no/such/file",
    /^create failed: \/linux\/namespaces\/0: .*\/no\/such\/file.*no such file or directory$/,
  );
  await join("network", "/etc/passwd", /^create failed: \/linux\/namespaces\/0: .*\/etc\/passwd.*namespace/);
  await join("network", "/proc/self/ns/uts", /^create failed: \/linux\/namespaces\/0: .*(namespace|type)/);
  await join("pid", "/proc/self/ns/net", /^create failed: \/linux\/namespaces\/0: .*(namespace|type)/);
  await join("network", "relative", /^create failed: \/linux\/namespaces\/0\/path: /);
  await nothingLeft(t, box);
});

e2e("bundles that are not there, or can't be read", async (t, box) => {
  const create = (bundle: string) => box.tsoci(["create", "--bundle", bundle, box.tag]);
  refused(
    t,
    await create(box.path("missing")),
    /^create failed: .*config\.json.*(no such file|not found)/,
    "no bundle",
  );
  mkdirSync(box.path("empty"));
  refused(
    t,
    await create(box.path("empty")),
    /^create failed: .*config\.json.*(no such file|not found)/,
    "no config.json",
  );
  mkdirSync(box.path("directory/config.json"), { recursive: true });
  refused(
    t,
    await create(box.path("directory")),
    /^create failed: .*config\.json.*directory/,
    "config.json is a directory",
  );
  mkdirSync(box.path("fifo"));
  symlinkSync("/dev/zero", box.path("fifo/config.json"));
  refused(t, await create(box.path("fifo")), /^create failed: .*config\.json/, "config.json never ends");
  refused(
    t,
    await box.tsoci(["create", "--bundle", box.bundle(VALID), "-f", "nothere.json", box.tag]),
    /^create failed: .*nothere\.json/,
    "--config",
  );
});

e2e("a runtime that can't write its state says so", async (t, box) => {
  const bundle = box.bundle(VALID);
  writeFileSync(box.path("file"), "");
  const create = (root: string) => box.tsoci(["create", "--bundle", bundle, box.tag], { global: ["--root", root] });
  refused(t, await create(box.path("file")), /^create failed: .*\/file: not a directory$/, "the root is a file");
  refused(t, await create(box.path("file", "below")), /^create failed: .*not a directory$/, "below a file");
  mkdirSync(box.path("theirs"));
  chmodSync(box.path("theirs"), 0o777);
  refused(t, await create(box.path("theirs")), /^create failed: .*theirs/, "writable by others");
});

e2e("a config.json that is no regular file", async (t, box) => {
  for (const [words, make] of [
    ["a FIFO", ["mkfifo"]],
    ["a character device", ["ln", "-s", "/dev/zero"]],
    ["a socket", ["python3", "-c", "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])"]],
  ] as const) {
    const bundle = box.bundle("{}");
    const file = join(bundle, "config.json");
    rmSync(file);
    const [program, ...args] = make;
    await execa(program, [...args, "config.json"], { cwd: bundle });
    for (const command of [
      ["create", "-b", bundle, "x"],
      ["plan", "-b", bundle],
      ["validate", "-b", bundle],
    ]) {
      const outcome = await box.tsoci(command, { milliseconds: 10_000 });
      const message = `can't read ${file}: config.json is ${words}, not a regular file`;
      refused(t, outcome, command[0] === "create" ? `create failed: ${message}` : message, `${words}: ${command[0]}`);
    }
  }
});

e2e("a configuration from a pipe, where one is named", async (t, box) => {
  const c = box.container(script("echo inside"));
  const through = ["bash", "-c", `exec "$@" -f <(cat ${join(c.bundle, "config.json")}) ${c.id}`, "bash"];
  const { code, stdout, stderr } = await box.tsoci(["run", "-b", c.bundle], { through });
  t.strictSame([code, stdout, stderr], [0, "inside\n", ""]);
  const validate = ["bash", "-c", `exec "$@" <(cat ${join(c.bundle, "config.json")})`, "bash"];
  const findings = (await box.tsoci(["validate"], { through: validate })).stdout;
  t.match(findings, /^\S+ \/root\/path: \/dev\/fd\/rootfs does not exist \[this host\]\n$/, "no bundle is near a pipe");
});
