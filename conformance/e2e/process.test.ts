/** process (config.md): user, capabilities, limits. */

import { output } from "../harness/output.ts";
import {
  baseConfig,
  type Config,
  e2e,
  type Json,
  nothingLeft,
  refused,
  script,
  sleeper,
  statusField,
} from "../harness.ts";

const CAP = {
  CHOWN: 1n << 0n,
  NET_ADMIN: 1n << 12n,
  NET_BIND_SERVICE: 1n << 10n,
  SYS_PTRACE: 1n << 19n,
  KILL: 1n << 5n,
} as const;
const mask = (text: string | undefined) => BigInt(`0x${text}`);

const tmpfs: Config = {
  mounts: [
    { destination: "/proc", type: "proc" },
    { destination: "/tmp", type: "tmpfs", options: ["mode=1777"] },
  ],
};

/** Whatever the usual container has. */
const NO_CAPABILITIES = { bounding: undefined, effective: undefined, permitted: undefined };

e2e("user, groups and umask", async (t, box) => {
  const user = { uid: 10, gid: 20, additionalGids: [30, 4_000_000_000], umask: 0o37 };
  t.equal(
    await output(box, "id -u; id -g; id -G; umask; touch /tmp/x; stat -c %a /tmp/x; rm -f /tmp/x", { user }, tmpfs),
    "10\n20\n20 30 4000000000\n0037\n640\n",
  );
  t.equal(await output(box, "id -G", { user: { uid: 0, gid: 0 } }), "0\n", "none of the caller's");
  t.equal(await output(box, "id -u; id -g", { user: undefined }), "0\n0\n");
});

e2e("without a umask the caller's stays", async (t, box) => {
  for (const umask of ["0027", "0077"]) {
    const through = ["sh", "-c", `umask ${umask}; exec "$0" "$@"`];
    t.equal((await box.container(script("umask")).run([], { through })).stdout, `${umask}\n`);
  }
});

e2e("capabilities: the five sets", async (t, box) => {
  const capabilities: Json = {
    bounding: ["CAP_CHOWN", "CAP_NET_ADMIN", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
    permitted: ["CAP_CHOWN", "CAP_NET_ADMIN", "CAP_NET_BIND_SERVICE"],
    effective: ["CAP_CHOWN", "CAP_NET_BIND_SERVICE"],
    inheritable: ["CAP_NET_ADMIN", "CAP_NET_BIND_SERVICE"],
    ambient: ["CAP_NET_BIND_SERVICE"],
  };
  const user = { uid: 1000, gid: 1000 };
  const c = box.container(sleeper({ process: { capabilities, user } }));
  await c.run(["-d"]);
  const pid = await c.pid();
  const sets = Object.fromEntries(
    ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map((name) => [name, mask(statusField(pid, name))]),
  );
  // execve(2) leaves a user other than root the ambient ones.
  t.strictSame(sets, {
    CapInh: CAP.NET_ADMIN | CAP.NET_BIND_SERVICE,
    CapPrm: CAP.NET_BIND_SERVICE,
    CapEff: CAP.NET_BIND_SERVICE,
    CapBnd: CAP.CHOWN | CAP.NET_ADMIN | CAP.KILL | CAP.NET_BIND_SERVICE,
    CapAmb: CAP.NET_BIND_SERVICE,
  });
});

e2e("root has what the bounding set leaves, and no capabilities means none", async (t, box) => {
  const of = async (process: Config) => {
    const c = box.container(sleeper({ process }));
    await c.run(["-d"]);
    const pid = await c.pid();
    return ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map((name) => mask(statusField(pid, name)));
  };
  const some = ["CAP_CHOWN", "CAP_KILL"];
  const both = CAP.CHOWN | CAP.KILL;
  t.strictSame(
    await of({ capabilities: { bounding: some, permitted: some, effective: some, inheritable: undefined } }),
    [0n, both, both, both, 0n],
  );
  t.strictSame(await of({ capabilities: undefined }), [0n, 0n, 0n, 0n, 0n]);
  t.strictSame(await of({ capabilities: NO_CAPABILITIES }), [0n, 0n, 0n, 0n, 0n]);
});

e2e("an unknown capability is left out with one warning for each entry", async (t, box) => {
  const capabilities = { bounding: ["CAP_CHOWN", "CAP_TEST"] };
  const c = box.container(
    baseConfig({ process: { capabilities: { ...capabilities, permitted: undefined, effective: undefined } } }),
  );
  const { code, stderr } = await c.run();
  t.equal(code, 0);
  t.equal(stderr, 'tsoci: warning: /process/capabilities/bounding/1: unknown capability "CAP_TEST" is left out\n');
});

e2e("a capability that the runtime does not have is left out with a warning", async (t, box) => {
  const both = ["CAP_CHOWN", "CAP_NET_RAW"];
  const capabilities = { bounding: both, permitted: both, effective: both };
  const c = box.container(script("grep -E 'Cap(Prm|Eff|Bnd)' /proc/self/status", { process: { capabilities } }));
  const { code, stdout, stderr } = await c.run([], { through: ["setpriv", "--bounding-set", "-net_raw"] });
  t.equal(code, 0);
  const warning = (set: string, why: string) =>
    `tsoci: warning: /process/capabilities/${set}/1: CAP_NET_RAW can't be granted: ${why}\n`;
  const without = "the runtime does not have it";
  const warnings = [
    warning("bounding", without),
    warning("permitted", without),
    warning("effective", "not in permitted"),
  ];
  t.equal(stderr, warnings.join(""));
  const mask = "0000000000000001";
  t.equal(stdout, `CapPrm:\t${mask}\nCapEff:\t${mask}\nCapBnd:\t${mask}\n`);
});

e2e("noNewPrivileges", async (t, box) => {
  for (const noNewPrivileges of [true, false, undefined]) {
    const text = await output(box, "grep NoNewPrivs /proc/self/status", { noNewPrivileges });
    t.equal(text, `NoNewPrivs:\t${noNewPrivileges === true ? 1 : 0}\n`, String(noNewPrivileges));
  }
});

e2e("rlimits", async (t, box) => {
  const rlimits = [
    { type: "RLIMIT_NOFILE", soft: 100, hard: 200 },
    { type: "RLIMIT_CORE", soft: 0, hard: 0 },
    { type: "RLIMIT_CPU", soft: 18446744073709551615n.toString(), hard: 18446744073709551615n.toString() },
    { type: "RLIMIT_NPROC", soft: 1024, hard: 2048 },
    { type: "RLIMIT_STACK", soft: 4194304, hard: 8388608 },
  ];
  const text = JSON.stringify(script("cat /proc/self/limits", { process: { rlimits } })).replaceAll(
    /"(18446744073709551615)"/g,
    "$1",
  );
  const bundle = box.bundle(text);
  const { stdout, stderr } = await box.tsoci(["run", "-b", bundle, box.tag]);
  t.equal(stderr, "");
  t.match(stdout, /^Max open files +100 +200 /m);
  t.match(stdout, /^Max core file size +0 +0 /m);
  t.match(stdout, /^Max cpu time +unlimited +unlimited /m);
  t.match(stdout, /^Max processes +1024 +2048 /m);
  t.match(stdout, /^Max stack size +4194304 +8388608 /m);
});

e2e("bad rlimits are named", async (t, box) => {
  const bad = async (rlimits: Json, message: RegExp) => {
    refused(t, await box.container(sleeper({ process: { rlimits } })).create(), message, JSON.stringify(rlimits));
  };
  await bad([{ type: "RLIMIT_NOFILE", soft: 100, hard: 50 }], /^create failed: \/process\/rlimits\/0\/soft: /);
  await bad([{ type: "RLIMIT_TEST", soft: 1, hard: 1 }], /^create failed: \/process\/rlimits\/0\/type: /);
  await bad(
    [
      { type: "RLIMIT_CORE", soft: 1, hard: 1 },
      { type: "RLIMIT_CORE", soft: 1, hard: 1 },
    ],
    /^create failed: \/process\/rlimits\/1\/type: /,
  );
  // More than fs.nr_open.
  await bad(
    [{ type: "RLIMIT_NOFILE", soft: 2 ** 40, hard: 2 ** 40 }],
    /^create failed: \/process\/rlimits\/0: .*operation not permitted$/,
  );
  await nothingLeft(t, box);
});

e2e("oomScoreAdj", async (t, box) => {
  // CAP_SYS_RESOURCE
  const mayLower = (mask(statusField(process.pid, "CapEff")) & (1n << 24n)) !== 0n;
  for (const oomScoreAdj of [500, 0, -500]) {
    const text = await output(box, "cat /proc/self/oom_score_adj", { oomScoreAdj });
    const denied = /\/process\/oomScoreAdj: write .*oom_score_adj: the value "-500": permission denied/;
    if (oomScoreAdj < 0 && !mayLower) t.match(text, denied, "this host has no CAP_SYS_RESOURCE");
    else t.equal(text, `${oomScoreAdj}\n`);
  }
  refused(
    t,
    await box.container(sleeper({ process: { oomScoreAdj: 1001 } })).create(),
    /^create failed: \/process\/oomScoreAdj: /,
    "1001",
  );
});

e2e("the caller's groups are dropped, and kept where run.oci.keep_original_groups asks for it", async (t, box) => {
  const caller = { through: ["setpriv", "--groups", "777,888"] };
  const groups = ["grep", "^Groups:", "/proc/self/status"];
  const listed: Config = { process: { user: { uid: 0, gid: 0, additionalGids: [5] } } };
  for (const [annotations, wanted] of [
    [{}, ["5"]],
    [{ "run.oci.keep_original_groups": "1" }, ["777", "888"]],
  ] as const) {
    const c = box.container(sleeper({ ...listed, annotations }));
    await c.run(["-d"], caller);
    t.strictSame(statusField(await c.pid(), "Groups")?.split(" "), wanted, "init");
    const { stdout } = await c.exec(groups, caller);
    t.strictSame(stdout.trim().split(/\s+/).slice(1), wanted, "exec");
  }
});
