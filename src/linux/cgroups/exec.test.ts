import { test } from "tap";
import { type FixtureName, recordedFacts } from "../../facts/recorded.ts";
import type { CgroupJoinRequest } from "./cgroup-plan.ts";
import { planCgroupJoin } from "./exec.ts";
import { planOn } from "./golden.ts";

const DEMO = "/sys/fs/cgroup/pod/demo";

function joined(
  name: FixtureName,
  subPaths: readonly string[],
  more: Record<string, string | null> = {},
  initCgroup?: string,
): string[] {
  const { paths } = planOn(name);
  const there = Object.fromEntries(Object.values(paths).map((path) => [path, null]));
  const request: CgroupJoinRequest = { paths, subPaths, ...recordedFacts(name, { ...there, ...more }), initCgroup };
  return planCgroupJoin(request).map((operation) => {
    if (operation.op !== "write" || typeof operation.path !== "string") return operation.op;
    return operation.path.replace(/\/cgroup\.procs$/, "");
  });
}

test("v2: the container's cgroup, or one below it", async (t) => {
  t.strictSame(joined("v2", []), [DEMO]);
  t.strictSame(joined("v2", ["/"]), [DEMO]);
  t.strictSame(joined("v2", ["a/./b/"]), [`${DEMO}/a/b`]);
  t.strictSame(joined("v2", ["/a"]), [`${DEMO}/a`]);
});

test("v2: a container that divided its cgroup: where init is", async (t) => {
  const divided = { [`${DEMO}/cgroup.subtree_control`]: "memory\n" };
  t.strictSame(joined("v2", [], divided, "0::/pod/demo/init.scope\n"), [`${DEMO}/init.scope`]);
  t.strictSame(joined("v2", [], divided, "0::/elsewhere\n"), [DEMO], "init was moved out: never follow it there");
  t.strictSame(joined("v2", [], divided), [DEMO]);
  t.strictSame(joined("v2", [], { [`${DEMO}/cgroup.subtree_control`]: "\n" }, "0::/pod/demo/init.scope\n"), [DEMO]);
  t.strictSame(joined("v2", ["x"], divided, "0::/pod/demo/init.scope\n"), [`${DEMO}/x`]);
});

test("v1: every hierarchy once; some of them below", async (t) => {
  t.equal(joined("v1", []).length, 12, "cpu and cpuacct share one");
  const some = joined("v1", ["cpu,cpuacct:sub", "pids:/x/y"]);
  t.ok(some.includes("/sys/fs/cgroup/cpu,cpuacct/pod/demo/sub"));
  t.notOk(some.includes("/sys/fs/cgroup/cpu,cpuacct/pod/demo"));
  t.ok(some.includes("/sys/fs/cgroup/pids/pod/demo/x/y"));
  t.ok(some.includes("/sys/fs/cgroup/memory/pod/demo"));
  t.ok(joined("hybrid", ["sub"]).includes("/sys/fs/cgroup/unified/pod/demo/sub"));
});

test("v1: a hierarchy that is gone is passed over", async (t) => {
  const { host, files } = recordedFacts("v1");
  t.strictSame(planCgroupJoin({ paths: { cpu: "/gone/demo" }, subPaths: [], host, files }), []);
});

test("never out of the container's cgroup", async (t) => {
  for (const sub of ["..", "../x", "a/../../b", "a/..", "/..", "a\n"]) {
    t.throws(() => joined("v2", [sub]), { code: "usage", message: `${sub} is not a sub cgroup path` });
    t.throws(() => joined("v1", [`pids:${sub}`]), { code: "usage" });
  }
});

test("arguments that name nothing", async (t) => {
  const cases = [
    ["v1", ["sub"], "invalid --cgroup argument: sub (missing <controller>: prefix)"],
    ["v2", ["a", "b"], "invalid --cgroup argument: a (missing <controller>: prefix)"],
    ["v1", [":x"], "invalid --cgroup argument: :x (empty <controller> prefix)"],
    ["v1", ["pids:x", "pids:y"], "invalid --cgroup argument: pids:y (controller pids specified multiple times)"],
    ["v1", ["misc:x"], "invalid --cgroup argument: misc:x (no cgroup of the controller misc)"],
    ["v2", ["cpu:x"], "invalid --cgroup argument: cpu:x (no cgroup of the controller cpu)"],
  ] as const;
  for (const [name, subPaths, message] of cases) t.throws(() => joined(name, subPaths), { code: "usage", message });
});

test("the reason is the flag, where it was given", async (t) => {
  const { paths } = planOn("v2");
  const facts = recordedFacts("v2");
  t.equal(planCgroupJoin({ paths, subPaths: ["a"], ...facts })[0]?.from, "--cgroup");
  t.equal(planCgroupJoin({ paths, subPaths: [], ...facts })[0]?.from, "cgroup");
});
