import { test } from "tap";
import { parseCgroups } from "./cgroup-layout.ts";

const mount = (root: string, at: string, type: string, options: string) =>
  `32 31 0:29 ${root} ${at} rw,nosuid shared:9 - ${type} ${type} ${options}\n`;
const OTHERS =
  "22 27 0:21 / /proc rw,relatime - proc proc rw\n31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n";

test("v1: co-mounted and named hierarchies, in the order of mounting", async (t) => {
  const mounts = [
    mount("/", "/sys/fs/cgroup/systemd", "cgroup", "rw,xattr,name=systemd"),
    mount("/", "/sys/fs/cgroup/cpu,cpuacct", "cgroup", "rw,cpu,cpuacct"),
  ];
  const facts = parseCgroups(OTHERS + mounts.join(""), "2:cpu,cpuacct:/a\n1:name=systemd:/b:c\n");
  t.strictSame(facts, {
    layout: "v1",
    hierarchies: [
      { version: 1, controllers: ["name=systemd"], mount: "/sys/fs/cgroup/systemd", root: "/", own: "/b:c" },
      { version: 1, controllers: ["cpu", "cpuacct"], mount: "/sys/fs/cgroup/cpu,cpuacct", root: "/", own: "/a" },
    ],
  });
});

test("hybrid: cgroup2 comes last; a hierarchy that is not mounted is left out", async (t) => {
  const mounts =
    mount("/", "/sys/fs/cgroup/unified", "cgroup2", "rw") + mount("/", "/sys/fs/cgroup/pids", "cgroup", "rw,pids");
  const facts = parseCgroups(mounts, "3:pids:/\n2:memory:/\n0::/x\n");
  t.equal(facts.layout, "hybrid");
  t.strictSame(
    facts.hierarchies.map(({ version, own }) => [version, own]),
    [
      [1, "/"],
      [2, "/x"],
    ],
  );
});

test("v2, beside a named v1 hierarchy for old containers", async (t) => {
  const mounts =
    mount("/", "/sys/fs/cgroup", "cgroup2", "rw,nsdelegate") + mount("/", "/cg/systemd", "cgroup", "rw,name=systemd");
  const facts = parseCgroups(mounts, "1:name=systemd:/\n0::/user.slice\n");
  t.strictSame(facts, {
    layout: "v2",
    hierarchies: [{ version: 2, controllers: [], mount: "/sys/fs/cgroup", root: "/", own: "/user.slice" }],
  });
});

test("in a container without a cgroup namespace the mount's root is taken off the runtime's path", async (t) => {
  const mounts = mount("/docker/abc", "/sys/fs/cgroup/memory", "cgroup", "rw,memory");
  t.equal(parseCgroups(mounts, "4:memory:/docker/abc/sub\n").hierarchies[0]?.own, "/sub");
  t.equal(parseCgroups(mounts, "4:memory:/docker/abc\n").hierarchies[0]?.own, "/");
  t.equal(parseCgroups(mounts, "4:memory:/docker/abcd\n").hierarchies[0]?.own, null);
  const outside = mount("/..", "/sys/fs/cgroup", "cgroup2", "rw");
  t.equal(parseCgroups(outside, "0::/\n").hierarchies[0]?.own, null, "a mount from outside the cgroup namespace");
  const whole = mount("/", "/sys/fs/cgroup", "cgroup2", "rw");
  t.equal(parseCgroups(whole, "0::/../x\n").hierarchies[0]?.own, null, "a cgroup outside the cgroup namespace");
});

test("several mounts of one hierarchy: the usual place, then the visible one", async (t) => {
  const mounts = [
    mount("/", "/mnt/copy", "cgroup", "rw,pids"),
    mount("/kube", "/sys/fs/cgroup/other", "cgroup", "rw,pids"),
    mount("/", "/sys/fs/cgroup/pids", "cgroup", "rw,pids"),
  ];
  t.equal(parseCgroups(mounts.join(""), "4:pids:/a\n").hierarchies[0]?.mount, "/sys/fs/cgroup/pids");
  t.equal(parseCgroups(mounts.slice(0, 2).join(""), "4:pids:/a\n").hierarchies[0]?.mount, "/mnt/copy");
});

test("escaped mount points; nothing mounted; text without a final newline", async (t) => {
  const escaped = mount("/", "/my\\040cgroups", "cgroup2", "rw").trimEnd();
  t.equal(parseCgroups(escaped, "0::/").hierarchies[0]?.mount, "/my cgroups");
  t.strictSame(parseCgroups(OTHERS, "0::/\n"), { layout: "none", hierarchies: [] });
  t.strictSame(parseCgroups("", ""), { layout: "none", hierarchies: [] });
  t.equal(parseCgroups(mount("/", "/c", "cgroupfoo", "rw"), "0::/\n").layout, "none");
});
