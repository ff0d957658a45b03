/** linux.uidMappings and linux.gidMappings: who writes which map, and which id is meant. */
import { test } from "tap";
import type { IDMapping } from "../spec/generated/config.ts";
import { line } from "./cgroups/golden.ts";
import { groupsAreDenied, hostId, settingUpAs, writeMaps } from "./ids.ts";
import { contextFor, type Situation } from "./testing/context.ts";

const map = (containerID: number, hostID: number, size: number): IDMapping => ({ containerID, hostID, size });

function context(uidMappings: readonly IDMapping[], gidMappings = uidMappings, situation: Situation = {}) {
  return contextFor({ linux: { namespaces: [{ type: "user" }], uidMappings, gidMappings } }, situation);
}

test("an id of the container on the host", async (t) => {
  const mappings = [map(0, 1000, 1), map(1, 100000, 10)];
  const cases = [
    [0, 1000],
    [1, 100000],
    [10, 100009],
    [11, 11],
  ] as const;
  for (const [id, host] of cases) t.equal(hostId(mappings, id), host, `${id}`);
  t.equal(hostId(undefined, 5), 5);
});

test("root writes both maps", async (t) => {
  t.same(writeMaps(context([map(0, 1000, 1), map(1, 100000, 10)], [map(0, 5, 6)])).map(line), [
    "wait step=unshared",
    "write path=/proc/,{stage},/gid_map data=0 5 6\n mode=0 flags=",
    "write path=/proc/,{stage},/uid_map data=0 1000 1\n1 100000 10\n mode=0 flags=",
    "wake step=mapped",
  ]);
});

test("an ordinary user maps its own ids alone, without setgroups(2)", async (t) => {
  const rootless = { host: "v2-rootless" } as const;
  t.same(writeMaps(context([map(0, 1000, 1)], [map(0, 1000, 1)], rootless)).map(line), [
    "wait step=unshared",
    "write path=/proc/,{stage},/setgroups data=deny mode=0 flags=",
    "write path=/proc/,{stage},/gid_map data=0 1000 1\n mode=0 flags=",
    "write path=/proc/,{stage},/uid_map data=0 1000 1\n mode=0 flags=",
    "wake step=mapped",
  ]);
  t.equal(groupsAreDenied(context([map(0, 1000, 1)], undefined, rootless)), true);
});

test("for others it asks newuidmap and newgidmap", async (t) => {
  const rootless = { host: "v2-rootless" } as const;
  const several = [map(0, 1000, 1), map(1, 100000, 65536)];
  const numbers = ["0", "1000", "1", "1", "100000", "65536"];
  const spawn = (program: string) => {
    return { op: "spawn", path: `/usr/bin/${program}`, args: [program, [{ slot: "stage" }], ...numbers] };
  };
  const [, ...helpers] = writeMaps(context(several, several, rootless));
  t.match(helpers, [spawn("newgidmap"), spawn("newuidmap"), { op: "wake", step: "mapped" }]);
  t.equal(groupsAreDenied(context(several, several, rootless)), false);
});

test("one helper where only one map needs it", async (t) => {
  const operations = writeMaps(context([map(0, 7, 1)], [map(0, 1000, 1)], { host: "v2-rootless" }));
  t.same(
    operations.map(({ op }) => op),
    ["wait", "write", "write", "spawn", "wake"],
  );
});

test("without a new user namespace there is nothing to write", async (t) => {
  t.same(writeMaps(contextFor({})), []);
  t.same(writeMaps(contextFor({ linux: { namespaces: [{ type: "user", path: "/proc/1/ns/user" }] } })), []);
  t.equal(groupsAreDenied(contextFor({}, { host: "v2-rootless" })), false);
});

test("as whom a container is set up", async (t) => {
  t.same(settingUpAs(contextFor({})), { uid: 0, gid: 0 });
  t.same(settingUpAs(context([map(0, 1, 1)])), { uid: 0, gid: 0 });
  t.same(settingUpAs(context([map(1000, 1, 1)], [map(5, 1, 1), map(0, 9, 1)])), { uid: 1000, gid: 0 });
});
