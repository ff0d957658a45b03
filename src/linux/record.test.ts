/** The output of `state` and state.json: JSON with slots in the right places. */
import { test } from "tap";
import type { Text } from "../plan/arguments.ts";
import { stateOutput, stateRecord } from "./record.ts";
import { contextFor } from "./testing/context.ts";

const VALUES: Readonly<Record<string, string>> = { pid: "4711", start_time: "99", status: "running" };

/** As the executor fills it in. */
function filled(text: Text): string {
  const pieces = typeof text === "string" ? [text] : text;
  return pieces.map((piece) => (typeof piece === "string" ? piece : (VALUES[piece.slot] ?? "?"))).join("");
}

test("state: two spaces, no newline at the end, numbers as numbers", async (t) => {
  const text = filled(stateOutput(contextFor({ annotations: { a: "b" } })));
  t.equal(
    text,
    `{
  "ociVersion": "1.3.0",
  "id": "demo",
  "pid": 4711,
  "status": "running",
  "bundle": "/bundle",
  "rootfs": "/bundle/rootfs",
  "created": "2026-01-01T00:00:00.000Z",
  "annotations": {
    "a": "b"
  },
  "owner": ""
}`,
  );
});

test("nothing that a config says is taken for a slot", async (t) => {
  const annotations = {
    pid: "pid",
    "\\u0000pid\\u0000": '"\\u0000status\\u0000"',
    "@@pid@@": '"@@@@pid@@@@@"',
    $pid: "{slot}",
  };
  const context = contextFor({ annotations });
  t.same(JSON.parse(filled(stateOutput(context))).annotations, annotations);
  const { labels } = JSON.parse(filled(stateRecord(context))).config;
  t.same(labels, [...Object.entries(annotations).map(([key, value]) => `${key}=${value}`), "bundle=/bundle"]);
});

test("state.json has what others read from runc's", async (t) => {
  const namespaces = [{ type: "mount" }, { type: "network", path: "/ns/net" }] as const;
  const context = contextFor({ linux: { namespaces, cgroupsPath: "/pod/demo" } }, { host: "v2" });
  const record = JSON.parse(filled(stateRecord(context)));
  t.match(record, {
    id: "demo",
    init_process_pid: 4711,
    init_process_start: 99,
    created: "2026-01-01T00:00:00.000Z",
    cgroup_paths: { "": "/sys/fs/cgroup/pod/demo" },
    config: {
      rootfs: "/bundle/rootfs",
      cgroups: { path: "/pod/demo" },
      namespaces: [
        { type: "mount", path: "" },
        { type: "network", path: "/ns/net" },
      ],
    },
  });
  t.same(record.namespace_paths, {
    NEWCGROUP: "/proc/4711/ns/cgroup",
    NEWIPC: "/proc/4711/ns/ipc",
    NEWNS: "/proc/4711/ns/mnt",
    NEWNET: "/proc/4711/ns/net",
    NEWPID: "/proc/4711/ns/pid",
    NEWTIME: "/proc/4711/ns/time",
    NEWUSER: "/proc/4711/ns/user",
    NEWUTS: "/proc/4711/ns/uts",
  });
});

test("without cgroups there is no freezer", async (t) => {
  t.equal(JSON.parse(filled(stateRecord(contextFor({}, { host: "none" })))).tsoci.freezer, null);
  t.ok(JSON.parse(filled(stateRecord(contextFor({})))).tsoci.freezer.file);
});
