/** root and linux.rootfsPropagation: how the root filesystem is prepared and entered. */
import { test } from "tap";
import type { Spec } from "../spec/generated/config.ts";
import { line } from "./cgroups/golden.ts";
import { enterRoot, handOverRoot, prepareRoot, readonlyRoot, rootPath, unmountRoot } from "./rootfs.ts";
import { contextFor, type Situation } from "./testing/context.ts";

const OWN = { namespaces: [{ type: "mount" }] } as const;
const MAPS = [{ containerID: 0, hostID: 1000, size: 10 }];
const USER = { namespaces: [{ type: "mount" }, { type: "user" }], uidMappings: MAPS, gidMappings: MAPS } as const;

const context = (linux: NonNullable<Spec["linux"]>, situation: Situation = {}) => contextFor({ linux }, situation);

test("relative paths count from the bundle", async (t) => {
  t.equal(rootPath(contextFor({ root: { path: "rootfs" } })), "/bundle/rootfs");
  t.equal(rootPath(contextFor({ root: { path: "/srv/../x" } })), "/x");
});

test("a mount namespace of its own", async (t) => {
  t.same(prepareRoot(context(OWN)).map(line), [
    "propagation path=/ flags=MS_REC,MS_SLAVE",
    "tree path=/bundle/rootfs flags=recursive",
    "rootfs path=/bundle/rootfs flags=",
  ]);
  t.same(enterRoot(context(OWN)).map(line), ["enter_root how=pivot"]);
  t.same(enterRoot(context(OWN, { pivot: false })).map(line), ["enter_root how=move"]);
  t.same(unmountRoot(context(OWN)), []);
});

test("in the mount namespace of others: behind a shield, and undone", async (t) => {
  t.same(prepareRoot(context({})).map(line), [
    "tree path=/bundle/rootfs flags=recursive",
    "rootfs path=/bundle/rootfs flags=shield",
  ]);
  t.same(enterRoot(context({})).map(line), ["enter_root how=chroot"]);
  t.same(unmountRoot(context({})).map(line), ["unmount path=/bundle/rootfs namespace="]);
  const joined = context({ namespaces: [{ type: "mount", path: "/ns/mnt" }] });
  t.same(unmountRoot(joined).map(line), ["unmount path=/bundle/rootfs namespace=/ns/mnt"]);
});

const PROPAGATIONS = [
  { asked: undefined, start: "MS_REC,MS_SLAVE", final: [] },
  { asked: "private", start: "MS_REC,MS_PRIVATE", final: [] },
  { asked: "rslave", start: "MS_REC,MS_SLAVE", final: [] },
  { asked: "shared", start: "MS_REC,MS_SHARED", final: ["propagation path=/ flags=MS_SHARED"] },
  // What can't be bound must not be unbindable before it is.
  { asked: "runbindable", start: "MS_REC,MS_PRIVATE", final: ["propagation path=/ flags=MS_UNBINDABLE"] },
] as const;

test("propagation, before and after", async (t) => {
  for (const { asked, start, final } of PROPAGATIONS) {
    const given = context({ ...OWN, ...(asked ? { rootfsPropagation: asked } : {}) });
    t.equal(
      line(prepareRoot(given)[0] ?? { op: "setsid", from: "" }),
      `propagation path=/ flags=${start}`,
      asked ?? "none",
    );
    t.same(enterRoot(given).slice(1).map(line), final, asked ?? "none");
  }
});

test("the root of a user namespace is handed over: its directories may be out of reach", async (t) => {
  t.same(handOverRoot(context(USER)).map(line), [
    "tree path=/bundle/rootfs flags=recursive",
    "attributes set= clear= propagation=MS_SLAVE flags=recursive",
    "give slot=tree",
    "close slot=tree",
  ]);
  t.equal(prepareRoot(context(USER))[1]?.op, "take");
  t.same(handOverRoot(context(USER, { host: "v2-rootless" })), []);
  t.same(handOverRoot(context(OWN)), []);
});

test("read-only", async (t) => {
  t.same(readonlyRoot(contextFor({ root: { path: "r", readonly: true } })).map(line), ["readonly_root"]);
  t.same(readonlyRoot(contextFor({ root: { path: "r", readonly: false } })), []);
});
