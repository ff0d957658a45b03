import { test } from "tap";
import { MACHINES } from "../kernel/seccomp.ts";
import { hostFiles, machineName, mapsAllIds, parseBounding, probeFacts, probeHost } from "./host.ts";
import { FIXTURES, recordedFacts, recordedFiles } from "./recorded.ts";

test("the bounding set", async (t) => {
  t.equal(parseBounding("CapEff:\t0\nCapBnd:\t000001fffeffffff\nCapAmb:\t0\n"), "1fffeffffff");
  t.equal(parseBounding("CapBnd:\t0000000000000000\n"), "0");
  t.equal(BigInt(`0x${parseBounding("")}`), 0n);
});

test("user namespaces", async (t) => {
  t.ok(mapsAllIds("         0          0 4294967295\n"));
  t.ok(mapsAllIds(""), "a kernel without user namespaces");
  t.notOk(mapsAllIds("         0       1000          1\n"));
  t.notOk(mapsAllIds("0 100000 65536\n65536 0 1\n"));
});

test("facts about this host are a plain JSON value with the members of the fixtures", async (t) => {
  const host = JSON.parse(JSON.stringify(probeHost()));
  for (const name of FIXTURES) t.strictSame(Object.keys(recordedFacts(name).host), Object.keys(host), name);
  t.match(host.kernel, /^\d+\.\d+/);
});

test("files of this host", async (t) => {
  const { files } = probeFacts();
  t.equal(files, hostFiles);
  t.ok(files.exists("/proc/self"));
  t.match(files.read("/proc/self/cgroup"), /:/);
  t.equal(files.read("/proc/self/missing"), undefined);
  t.equal(files.read("/proc/self"), undefined, "a directory");
  t.notOk(files.writable("/proc/self/missing"));
});

test("recorded files", async (t) => {
  const files = recordedFiles({ files: { "/a/b/text": "1", "/a/c": null }, writable: ["/a/b"] });
  t.ok(files.exists("/a/b"));
  t.notOk(files.exists("/a/bb"));
  t.equal(files.read("/a/b/text"), "1");
  t.equal(files.read("/a/c"), undefined);
  t.ok(files.writable("/a/b/text"));
  t.notOk(files.writable("/a/b/missing"));
  t.notOk(files.writable("/a/c"));
});

test("the machine's name tells the byte order", async (t) => {
  t.equal(machineName("ppc64", "LE"), "ppc64le");
  t.equal(machineName("ppc64", "BE"), "ppc64");
  t.equal(machineName("x64", "LE"), "x64");
  t.ok(Object.hasOwn(MACHINES, machineName()), "this one is known");
});
