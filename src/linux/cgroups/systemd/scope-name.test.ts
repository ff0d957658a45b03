import { test } from "tap";
import { scopeOf } from "./scope-name.ts";

test("slice, prefix and name", async (t) => {
  for (const [given, name, path] of [
    ["system.slice:docker:x", "docker-x.scope", "/system.slice/docker-x.scope"],
    [":libpod:x", "libpod-x.scope", "/user.slice/libpod-x.scope"],
    ["a-b-c.slice:p:x", "p-x.scope", "/a.slice/a-b.slice/a-b-c.slice/p-x.scope"],
    ["-.slice:p:x", "p-x.scope", "/p-x.scope"],
    ["a.slice::x", "-x.scope", "/a.slice/-x.scope"],
    ["", "tsoci-demo.scope", "/user.slice/tsoci-demo.scope"],
    [undefined, "tsoci-demo.scope", "/user.slice/tsoci-demo.scope"],
  ] as const)
    t.match(scopeOf(given, "demo", "user.slice"), { name, path }, `${given}`);
});

test("what is refused", async (t) => {
  for (const [given, message] of [
    ["/a/b", /^expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "\/a\/b" instead$/],
    ["a.slice:b:c:d", /^expected cgroupsPath/],
    ["a:b:c", /^invalid slice name: a$/],
    ["a--b.slice:b:c", /^invalid slice name/],
    ["-a.slice:b:c", /^invalid slice name/],
    [".slice:b:c", /^invalid slice name/],
    ["../a.slice:b:c", /^invalid slice name/],
    ["a.slice:b:../c", /^invalid unit name/],
    ["a.slice:b:", /^invalid unit name/],
    ["a.slice:b@:c", /^invalid unit name/],
    [`a.slice:b:${"c".repeat(250)}`, /^invalid unit name/],
    ["a.slice:b:c.slice", /^c\.slice is a slice/],
  ] as const)
    t.throws(
      () => scopeOf(given, "demo", "user.slice"),
      { code: "config", pointer: "/linux/cgroupsPath", message },
      given,
    );
});
