import { e2e } from "../harness.ts";
import { example, running } from "./example.ts";
import { ordinaryUserNamespaces } from "./needs.ts";

/** Where the kernel itself refuses it, nothing can be seen of the filter. */
const skip = ordinaryUserNamespaces();
const DENIED = "unshare --user true";

e2e(
  "seccomp: a denied system call gets EPERM",
  async (t, box) => {
    const c = await example(box, "seccomp");
    const { code, stdout, stderr } = await c.run();
    t.equal(code, 0);
    t.match(stdout, /^Seccomp:\s2\n/, "a filter is in force");
    t.match(stderr, /^unshare: .*Operation not permitted\n$/);
  },
  { skip },
);

e2e(
  "seccomp: without the filter the same call succeeds",
  async (t, box) => {
    const c = await example(box, "seccomp", { ...running(DENIED), linux: { seccomp: undefined } });
    const { code, stderr } = await c.run();
    t.strictSame([code, stderr], [0, ""]);
  },
  { skip },
);

e2e("seccomp: what programs usually do goes on working", async (t, box) => {
  const script = [
    "mkdir /dev/shm/a && cd /dev/shm/a",
    "echo one two | tee file | wc -w",
    "mv file other && ln -s other link && cat link && stat -c %s other && chmod 600 other && touch other",
    "(sleep 0.01 & wait) && kill -0 $$ && date +%s >/dev/null && id -u",
    "nc -l -p 7000 <other & until nc 127.0.0.1 7000 </dev/null 2>/dev/null; do sleep 0.02; done; wait",
  ];
  const mounts = [
    { destination: "/proc", type: "proc", source: "proc" },
    { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["mode=755"] },
    { destination: "/dev/shm", type: "tmpfs", source: "tmpfs" },
  ];
  const capabilities = ["CAP_NET_ADMIN"];
  const c = await example(box, "seccomp", {
    process: {
      args: ["sh", "-ec", ["ip link set lo up", ...script].join("\n")],
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    },
    mounts,
  });
  const { code, stdout, stderr } = await c.run();
  t.strictSame([code, stderr], [0, ""]);
  t.equal(stdout, "2\none two\n8\n0\none two\n");
});

e2e(
  "seccomp: without no_new_privs the program has the filter, and not the right that loading it took",
  async (t, box) => {
    const c = await example(box, "seccomp", {
      process: { args: ["grep", "-E", "^(CapEff|NoNewPrivs|Seccomp):", "/proc/self/status"], noNewPrivileges: false },
      mounts: [{ destination: "/proc", type: "proc", source: "proc" }],
    });
    const { code, stdout, stderr } = await c.run();
    t.strictSame([code, stderr], [0, ""]);
    t.equal(stdout, "CapEff:\t0000000000000000\nNoNewPrivs:\t0\nSeccomp:\t2\n");
  },
);
