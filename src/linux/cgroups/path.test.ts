import { test } from "tap";
import type { CgroupHierarchy } from "../../facts/facts.ts";
import { type FixtureName, recordedFacts } from "../../facts/recorded.ts";
import { cgroupPath } from "./path.ts";

const V1: CgroupHierarchy = { version: 1, controllers: ["pids"], mount: "/cg/pids", root: "/", own: "/own/svc" };
const V2: CgroupHierarchy = { version: 2, controllers: [], mount: "/cg", root: "/", own: "/own/svc" };

function pathOn(name: FixtureName, hierarchy: CgroupHierarchy, cgroupsPath: string | undefined): string {
  return cgroupPath(hierarchy, { id: "demo", cgroupsPath, ...recordedFacts(name), rootless: false });
}

test("absolute paths start at the mount point, whatever the layout", async (t) => {
  const cases = [
    ["/a/b", "/a/b"],
    ["//a/./b/", "/a/b"],
    ["/a/../b", "/b"],
    ["/system.slice:docker:x", "/system.slice:docker:x"],
  ] as const;
  for (const [given, path] of cases) {
    t.equal(pathOn("v1", V1, given), path);
    t.equal(pathOn("v2", V2, given), path);
  }
});

test("relative paths start at the runtime's cgroup on v1, beside it on v2", async (t) => {
  t.equal(pathOn("v1", V1, "a/b"), "/own/svc/a/b");
  t.equal(pathOn("hybrid", V2, "a/b"), "/own/svc/a/b");
  t.equal(pathOn("v2", V2, "a/b"), "/own/a/b");
  t.equal(pathOn("v2", V2, "system.slice:docker:x"), "/own/system.slice:docker:x", "systemd's form is only a name");
  t.equal(pathOn("v1", V1, "a/../b"), "/own/svc/b");
});

test("without a path the id is one", async (t) => {
  for (const empty of [undefined, ""]) {
    t.equal(pathOn("v1", V1, empty), "/own/svc/demo");
    t.equal(pathOn("v2", V2, empty), "/own/demo");
  }
  t.equal(pathOn("v1", { ...V1, own: "/" }, undefined), "/demo");
  t.equal(pathOn("v2", { ...V2, own: "/" }, undefined), "/demo");
  t.equal(pathOn("v2", { ...V2, own: "/svc" }, undefined), "/demo");
});

test("no path leads out, or to where it starts", async (t) => {
  for (const given of ["..", "/..", "../x", "/../x", "a/../../x", "/a/../../etc", "a/../.."]) {
    t.throws(
      () => pathOn("v1", V1, given),
      { code: "config", pointer: "/linux/cgroupsPath", message: /leads out/ },
      given,
    );
    t.throws(
      () => pathOn("v2", V2, given),
      { code: "config", pointer: "/linux/cgroupsPath", message: /leads out/ },
      given,
    );
  }
  for (const given of ["/", ".", "//", "a/..", "/a/.."]) {
    t.throws(() => pathOn("v2", V2, given), { code: "config", message: /must name a cgroup below/ }, given);
  }
  for (const given of ["/a\nb", "/a\0b", "/\x7f"]) {
    t.throws(() => pathOn("v2", V2, given), { code: "config", message: /control character/ }, JSON.stringify(given));
  }
});

test("a runtime whose own cgroup is hidden needs an absolute path", async (t) => {
  t.throws(() => pathOn("v2", { ...V2, own: null }, "a"), {
    code: "host",
    pointer: "/linux/cgroupsPath",
    message: /not visible below \/cg/,
  });
  t.equal(pathOn("v2", { ...V2, own: null }, "/a"), "/a");
});
