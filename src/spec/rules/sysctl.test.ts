import t from "tap";
import { sysctlPath } from "../sysctl.ts";
import { isolated, testRules } from "./rule-cases.ts";

const sysctl = (types: string, ...names: readonly string[]) =>
  isolated(types, { sysctl: Object.fromEntries(names.map((name) => [name, "1"])) });
const at = (name: string) => `/linux/sysctl/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
const host = (name: string) => `${at(name)}: sysctl "${name}" is not in a separate kernel namespace`;
const without = (name: string, type: string) =>
  `${at(name)}: sysctl "${name}" is not allowed without a private ${type} namespace`;
const nameless = (name: string) => `${at(name)}: ${JSON.stringify(name)} is not a name of a kernel parameter`;

testRules(t, {
  "sysctl-needs-namespace": [
    [sysctl("network", "net.ipv4.ip_forward", "net/ipv4/conf/eth0.1/forwarding", "net.ipv4.conf.eth0/1.forwarding")],
    [
      sysctl(
        "ipc",
        "kernel.shmmax",
        "kernel/sem",
        "fs.mqueue.queues_max",
        "kernel.msg_next_id",
        "kernel.shm_rmid_forced",
      ),
    ],
    [sysctl("uts", "kernel.domainname")],
    [{ linux: { namespaces: [{ type: "network", path: "/run/netns/a" }], sysctl: { "net.core.somaxconn": "1" } } }],
    [sysctl("pid", "net.ipv4.ip_forward"), without("net.ipv4.ip_forward", "network")],
    [sysctl("network", "kernel.shmmax"), without("kernel.shmmax", "ipc")],
    [sysctl("network", "fs/mqueue/msg_max"), without("fs/mqueue/msg_max", "ipc")],
    [sysctl("pid", "kernel.domainname"), without("kernel.domainname", "uts")],
    [sysctl("pid", "user.max_user_namespaces"), without("user.max_user_namespaces", "user")],
    [
      sysctl("uts", "kernel.hostname"),
      `${at("kernel.hostname")}: sysctl "kernel.hostname" is not allowed as it conflicts with the OCI "hostname" field`,
    ],
    [
      { domainname: "a", ...sysctl("uts", "kernel/domainname") },
      `${at("kernel/domainname")}: sysctl "kernel/domainname" is not allowed as it conflicts with the OCI "domainname" field`,
    ],
    [sysctl("ipc network", "vm.swappiness", "kernel.core_pattern"), host("vm.swappiness"), host("kernel.core_pattern")],
    [
      sysctl("ipc network", "kernel.shmmaxx", "fs.mqueue", "network.x"),
      host("kernel.shmmaxx"),
      host("fs.mqueue"),
      host("network.x"),
    ],
    ...["net/../kernel/core_pattern", "net./../x", "net..x", "/net/x", "net.", "net/./x", "net.a b", "net.a\nb"].map(
      (name) => [sysctl("network", name), nameless(name)] as const,
    ),
  ],
});

t.test("paths of kernel parameters", async (t) => {
  t.same(sysctlPath("net.ipv4.ip_forward"), ["net", "ipv4", "ip_forward"]);
  t.same(sysctlPath("net/ipv4/conf/eth0.1/forwarding"), ["net", "ipv4", "conf", "eth0.1", "forwarding"]);
  t.same(sysctlPath("net.ipv4.conf.eth0/1.forwarding"), ["net", "ipv4", "conf", "eth0.1", "forwarding"]);
  t.equal(sysctlPath("net.//.x"), undefined);
  t.equal(sysctlPath("net/.."), undefined);
});
