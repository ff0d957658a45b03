/** linux.sysctl: keys to files below /proc/sys. */
import { test } from "tap";
import { planSysctl, sysctlPath } from "./sysctl.ts";
import { contextFor } from "./testing/context.ts";

const PATHS = [
  ["kernel.shmmax", "kernel/shmmax"],
  ["net/ipv4/ip_forward", "net/ipv4/ip_forward"],
  // Whichever separator comes first is the separator; the other one belongs to a name (sysctl(8)).
  ["net.ipv4.conf.eth0/1.forwarding", "net/ipv4/conf/eth0.1/forwarding"],
  ["net/ipv4/conf/eth0.1/forwarding", "net/ipv4/conf/eth0.1/forwarding"],
  ["single", "single"],
] as const;

test("paths", async (t) => {
  for (const [key, path] of PATHS) t.equal(sysctlPath(key), path, key);
});

test("a write for each, in the order of config.json", async (t) => {
  const context = contextFor({ linux: { sysctl: { "net.core.somaxconn": "256", "kernel/domainname": "x" } } });
  t.same(planSysctl(context), [
    { op: "write_proc", from: "/linux/sysctl/net.core.somaxconn", path: "sys/net/core/somaxconn", data: "256" },
    { op: "write_proc", from: "/linux/sysctl/kernel~1domainname", path: "sys/kernel/domainname", data: "x" },
  ]);
  t.same(planSysctl(contextFor({})), []);
});
