import t from "tap";
import { TsociError } from "../base/errors.ts";
import { pointer } from "../base/pointer.ts";
import { parseSpec, validateSpecText } from "./load.ts";

const MAPPINGS = [{ containerID: 0, hostID: 1000, size: 1 }];

/** A right configuration with something for every rule to look at. */
const FULL = {
  ociVersion: "1.3.0",
  root: { path: "rootfs" },
  hostname: "a",
  domainname: "b",
  process: {
    cwd: "/",
    args: ["sh"],
    env: ["A=b"],
    terminal: true,
    consoleSize: { height: 1, width: 1 },
    user: { uid: 0, gid: 0, additionalGids: [1] },
    rlimits: [{ type: "RLIMIT_CORE", soft: 1, hard: 1 }],
    scheduler: { policy: "SCHED_DEADLINE", runtime: 1, deadline: 1 },
    execCPUAffinity: { initial: "0" },
    apparmorProfile: "a",
  },
  mounts: [
    { destination: "/a", source: "b", options: ["bind", "idmap"], uidMappings: MAPPINGS, gidMappings: MAPPINGS },
  ],
  hooks: { poststop: [{ path: "/a", env: ["A=b"] }] },
  annotations: { a: "b" },
  linux: {
    namespaces: ["ipc", "mount", "network", "time", "user", "uts"].map((type) => ({ type })),
    uidMappings: MAPPINGS,
    gidMappings: MAPPINGS,
    timeOffsets: { boottime: { secs: 1 } },
    devices: [{ type: "c", path: "/dev/a", major: 1, minor: 1 }],
    netDevices: { eth0: { name: "eth1" } },
    cgroupsPath: "/a",
    intelRdt: { closID: "a", schemata: ["L3:0=f"] },
    memoryPolicy: { mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES"] },
    sysctl: { "net.core.somaxconn": "1" },
    seccomp: { defaultAction: "SCMP_ACT_ERRNO", syscalls: [{ names: ["read"], action: "SCMP_ACT_ALLOW" }] },
    maskedPaths: ["/a"],
    readonlyPaths: ["/b"],
    resources: {
      unified: { "memory.high": "1" },
      cpu: { burst: 1, quota: 1, cpus: "0" },
      memory: { limit: 1, swap: 1 },
      devices: [{ allow: false, access: "rwm" }],
      rdma: { mlx5_1: { hcaHandles: 1 } },
      blockIO: { weightDevice: [{ major: 8, minor: 0, weight: 1 }] },
    },
  },
};

t.test("anything in the place of anything is refused or taken, and never breaks a rule", async (t) => {
  t.same(validateSpecText(JSON.stringify(FULL), "config.json"), []);
  let tried = 0;
  const visit = (holder: object, at: string) => {
    for (const [key, child] of Object.entries(holder)) {
      for (const wrong of [7, -1, true, null, "", "\n", [], {}, [null], [[]], [{}], { x: null }, ["\0"]]) {
        Reflect.set(holder, key, wrong);
        const text = JSON.stringify(FULL);
        const problems = validateSpecText(text, "config.json");
        const loaded = firstPointer(text);
        if (loaded !== problems[0]?.pointer) t.fail(`${pointer(at, key)}: ${JSON.stringify(wrong)}: ${loaded}`);
        tried++;
      }
      Reflect.set(holder, key, child);
      if (typeof child === "object") visit(child, pointer(at, key));
    }
  };
  visit(FULL, "");
  t.ok(tried > 1500, `${tried} configurations`);
});

t.test("every problem at once, in the order of the file, each with its place", async (t) => {
  const text = `{
  "hostname": "a",
  "ociVersion": "1.0",
  "process": {"cwd": "tmp", "args": [], "rlimits": [
    {"type": "RLIMIT_CORE", "soft": 2, "hard": 1},
    {"type": "RLIMIT_X", "soft": -1}]},
  "linux": {"devices": [{"type": "c", "path": "/dev/a", "major": 1}],
    "resources": {"rdma": {"a": {}}}}
}`;
  const found = validateSpecText(text, "config.json");
  t.same(
    found.map(({ pointer, line, column, message }) => `${line}:${column} ${pointer}: ${message}`),
    [
      "1:1 /root: is required",
      "2:15 /hostname: unable to set hostname without a private UTS namespace",
      '3:17 /ociVersion: must be a version such as 1.3.0, not "1.0"',
      '4:22 /process/cwd: must be an absolute path, not "tmp"',
      "4:37 /process/args: must have at least one entry",
      "5:37 /process/rlimits/0/soft: the soft limit 2 is above the hard one, 1",
      "6:5 /process/rlimits/1/hard: is required",
      `6:14 /process/rlimits/1/type: must be one of RLIMIT_AS, RLIMIT_CORE, RLIMIT_CPU, RLIMIT_DATA, RLIMIT_FSIZE, RLIMIT_LOCKS, RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE, RLIMIT_NICE, RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_RSS, RLIMIT_RTPRIO, RLIMIT_RTTIME, RLIMIT_SIGPENDING, RLIMIT_STACK, not "RLIMIT_X"`,
      "6:34 /process/rlimits/1/soft: must be an integer from 0 to 18446744073709551615, not -1",
      '7:25 /linux/devices/0/minor: is required with type "c"',
      "8:33 /linux/resources/rdma/a: needs hcaHandles or hcaObjects",
    ],
  );
  t.equal(found[3]?.expected, "an absolute path");
  t.equal(found[1]?.expected, undefined);
});

t.test("a faulty entry of a list does not hide what is wrong with the others", async (t) => {
  const mount = { destination: "/a", source: "b", type: "tmpfs" };
  const text = JSON.stringify({
    ...FULL,
    process: { ...FULL.process, env: [5, "x"] },
    mounts: [{ ...mount, uidMappings: [5] }, { ...mount, options: ["idmap"] }, 5],
    hooks: { poststop: [{ path: 5 }, { path: "/a", env: ["x"] }] },
    linux: { ...FULL.linux, uidMappings: [...MAPPINGS, 5, ...MAPPINGS], namespaces: [{ type: "uts" }] },
  });
  const found = validateSpecText(text, "config.json").map(({ pointer }) => pointer);
  const entries = ["/process/env/0", "/process/env/1", "/mounts/0/uidMappings/0", "/mounts/1/options", "/mounts/2"];
  for (const entry of [...entries, "/hooks/poststop/0/path", "/hooks/poststop/1/env/0", "/linux/uidMappings/1"]) {
    t.ok(found.includes(entry), entry);
  }
});

t.test("the first problem is the error of a command", async (t) => {
  const text = '{"ociVersion": "1.0.0",\n "root": {"path": "r"},\n "mounts": [{"destination": 5}]}';
  const error = {
    name: "TsociError",
    code: "config",
    pointer: "/mounts/0/destination",
    message: "must be a string, not 5 (config.json:3:29)",
  };
  t.throws(() => parseSpec(text, "config.json"), error);
  t.throws(() => parseSpec("[1]", "config.json"), {
    code: "config",
    message: "must be an object, not an array (config.json:1:1)",
  });
  t.throws(() => parseSpec("null", "config.json"), {
    code: "config",
    message: "must be an object, not null (config.json:1:1)",
  });
});

t.test("long values are cut, and no message has more than one line", async (t) => {
  const text = JSON.stringify({ ...FULL, linux: { rootfsPropagation: `\n${"x".repeat(500)}` } });
  const [problem] = validateSpecText(text, "config.json").filter((p) => p.pointer === "/linux/rootfsPropagation");
  t.match(problem?.message, /^must be one of .*, not "\\nx{57}…$/);
});

t.test("a file that is wrong all over gives no more than a hundred problems, soon", async (t) => {
  const start = performance.now();
  const everywhere = [
    { mounts: Array.from({ length: 200_000 }, () => 5) },
    { linux: { resources: { rdma: Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [n, {}])) } } },
    { linux: { devices: Array.from({ length: 100_000 }, () => ({ type: "c", path: "/a" })) } },
    { process: { cwd: "/", args: ["a"], env: Array.from({ length: 200_000 }, () => "x") } },
    { linux: { namespaces: Array.from({ length: 200_000 }, () => ({ type: "pid" })) } },
  ];
  for (const wrong of everywhere) {
    const { length } = validateSpecText(JSON.stringify({ ...FULL, ...wrong }), "config.json");
    t.ok(length > 60 && length <= 100, `${length} problems`);
  }
  t.ok(performance.now() - start < 20_000);
});

/** The pointer of the error that parseSpec throws, undefined when it throws none. */
function firstPointer(text: string): string | undefined {
  try {
    parseSpec(text, "config.json");
    return undefined;
  } catch (error) {
    if (error instanceof TsociError) return error.pointer;
    throw error;
  }
}
