/** linux.devices, the default devices and links, and what a /dev of the host changes. */
import { test } from "tap";
import type { Device } from "../spec/generated/config.ts";
import { line } from "./cgroups/golden.ts";
import { planDevices } from "./devices.ts";
import { contextFor } from "./testing/context.ts";

const DEFAULTS = ["null", "zero", "full", "random", "urandom", "tty"];

function nodes(devices: readonly Device[]): string[] {
  return planDevices(contextFor({ linux: { devices } }))
    .filter(({ op }) => op === "node")
    .map(line);
}

test("the default devices (config-linux.md, Default Devices)", async (t) => {
  const found = nodes([]);
  t.same(
    found.map((text) => /path=\/dev\/(\w+)/.exec(text)?.[1]),
    DEFAULTS,
  );
  t.equal(found[5], "node path=/dev/tty type=character major=5 minor=0 mode=438 uid=0 gid=0");
});

const CONFIGURED: readonly (readonly [Device, string])[] = [
  [
    { path: "/dev/a", type: "b", major: 8, minor: 1, fileMode: 0o60640, uid: 1, gid: 2 },
    "type=block major=8 minor=1 mode=416 uid=1 gid=2",
  ],
  [{ path: "/dev/a", type: "u", major: 1, minor: 3 }, "type=character major=1 minor=3 mode=438 uid=0 gid=0"],
  [{ path: "/dev/a", type: "p" }, "type=fifo major=0 minor=0 mode=438 uid=0 gid=0"],
];

test("configured ones", async (t) => {
  for (const [device, expected] of CONFIGURED) t.equal(nodes([device]).at(-1), `node path=/dev/a ${expected}`);
});

test("a configured device takes the place of a default one", async (t) => {
  const found = nodes([{ path: "/dev//null", type: "c", major: 1, minor: 3, fileMode: 0o600 }]);
  t.equal(found.length, DEFAULTS.length);
  t.match(found.at(-1), /path=\/dev\/null .* mode=384 /);
});

test("in a user namespace devices are bound, fifos made", async (t) => {
  const maps = [{ containerID: 0, hostID: 0, size: 1 }];
  const linux = { namespaces: [{ type: "user" }], uidMappings: maps, gidMappings: maps } as const;
  const found = planDevices(contextFor({ linux: { ...linux, devices: [{ path: "/dev/p", type: "p" }] } })).map(line);
  t.equal(found[0], "bind_node source=/dev/null path=/dev/null type=character major=1 minor=3");
  t.ok(found.includes("node path=/dev/p type=fifo major=0 minor=0 mode=438 uid=0 gid=0"));
});

test("links: those into /proc only with a procfs", async (t) => {
  const links = (spec: Parameters<typeof contextFor>[0]) =>
    planDevices(contextFor(spec))
      .filter(({ op }) => op === "symlink")
      .map(line);
  const ptmx = "symlink path=/dev/ptmx target=pts/ptmx flags=replace";
  t.same(links({}), [ptmx]);
  t.same(links({ mounts: [{ destination: "/proc", type: "proc" }] }), [
    "symlink path=/dev/fd target=/proc/self/fd flags=",
    "symlink path=/dev/stdin target=/proc/self/fd/0 flags=",
    "symlink path=/dev/stdout target=/proc/self/fd/1 flags=",
    "symlink path=/dev/stderr target=/proc/self/fd/2 flags=",
    "symlink path=/dev/core target=/proc/kcore flags=",
    ptmx,
  ]);
});

test("nothing is made in a /dev of the host", async (t) => {
  t.same(planDevices(contextFor({ mounts: [{ destination: "/dev", source: "/dev", options: ["rbind"] }] })), []);
});
