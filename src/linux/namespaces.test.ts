/** linux.namespaces: which processes a plan needs, and who makes and joins which namespace. */
import { test } from "tap";
import type { NamespaceType } from "../kernel/namespaces.ts";
import type { Namespace } from "../spec/generated/config.ts";
import { line } from "./cgroups/golden.ts";
import { isolationOf, joinInInit, newNamespaces, openNamespaces, stageOperations } from "./namespaces.ts";
import { SPEC } from "./testing/context.ts";

const isolation = (...namespaces: readonly Namespace[]) => isolationOf({ ...SPEC, linux: { namespaces } });
const joined = (type: NamespaceType): Namespace => ({ type, path: `/ns/${type}` });
const fresh = (type: NamespaceType): Namespace => ({ type });
const ROOT = { uid: 0, gid: 0 };
const CREDENTIALS = "credentials uid=0 gid=0 groups= flags=keep_groups";
const CLONE = "clone flags= into=init preserve=3 cgroup=";

test("new, joined or shared", async (t) => {
  const { of } = isolation(fresh("mount"), joined("network"));
  t.equal(of("mount"), "new");
  t.equal(of("network"), "joined");
  t.equal(of("pid"), "shared");
  t.equal(isolationOf(SPEC).of("mount"), "shared");
});

test("a stage for user namespaces, and for pid namespaces to join", async (t) => {
  const cases: readonly (readonly [Namespace[], boolean])[] = [
    [[], false],
    [[fresh("pid"), fresh("mount"), joined("network")], false],
    [[joined("pid")], true],
    [[fresh("user")], true],
    [[joined("user")], true],
  ];
  for (const [given, needed] of cases) t.equal(isolation(...given).needsStage, needed, JSON.stringify(given));
});

test("what is made at one stroke: neither user, cgroup nor time", async (t) => {
  const every = (["user", "cgroup", "time", "pid", "network", "ipc", "uts", "mount"] as const).map(fresh);
  t.same(newNamespaces(isolation(...every)), [
    "CLONE_NEWNS",
    "CLONE_NEWUTS",
    "CLONE_NEWIPC",
    "CLONE_NEWNET",
    "CLONE_NEWPID",
  ]);
  t.same(newNamespaces(isolation(joined("mount"), fresh("uts"))), ["CLONE_NEWUTS"]);
});

test("the host opens what is joined", async (t) => {
  t.same(openNamespaces(isolation(fresh("mount"), joined("network"))), [
    {
      op: "open",
      from: "/linux/namespaces/1",
      into: "namespace_network",
      path: "/ns/network",
      open: ["O_RDONLY", "O_CLOEXEC"],
      flags: ["namespace"],
    },
  ]);
});

test("without a stage init joins", async (t) => {
  t.same(joinInInit(isolation(joined("ipc"), joined("mount"))).map(line), [
    "setns slot=namespace_ipc types=CLONE_NEWIPC flags=",
    "setns slot=namespace_mount types=CLONE_NEWNS flags=",
  ]);
  t.same(joinInInit(isolation(joined("pid"), joined("ipc"))), []);
});

test("the stage of a pid namespace to join", async (t) => {
  t.same(stageOperations(isolation(joined("pid"), fresh("mount")), ROOT, 3).map(line), [
    "setns slot=namespace_pid types=CLONE_NEWPID flags=",
    "unshare flags=CLONE_NEWNS",
    CLONE,
  ]);
});

test("the stage of a new user namespace: joins twice, for nothing says whose namespaces they are", async (t) => {
  t.same(stageOperations(isolation(fresh("user"), joined("network"), fresh("pid")), ROOT, 3).map(line), [
    "setns slot=namespace_network types=CLONE_NEWNET flags=first_try",
    "unshare flags=CLONE_NEWUSER",
    "wake step=unshared",
    "wait step=mapped",
    CREDENTIALS,
    "setns slot=namespace_network types=CLONE_NEWNET flags=second_try",
    "unshare flags=CLONE_NEWPID",
    CLONE,
  ]);
});

test("the stage of a user namespace to join", async (t) => {
  t.same(stageOperations(isolation(joined("user")), ROOT, 3).map(line), [
    "setns slot=namespace_user types=CLONE_NEWUSER flags=",
    CREDENTIALS,
    CLONE,
  ]);
});

test("where root is not mapped, the capabilities are kept", async (t) => {
  const lines = stageOperations(isolation(fresh("user")), { uid: 7, gid: 8 }, 3).map(line);
  t.equal(lines[3], "credentials uid=7 gid=8 groups= flags=keep_groups");
  t.match(lines[4], /^capabilities effective=18446744073709551615 permitted=18446744073709551615 /);
});
