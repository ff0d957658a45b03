import { test } from "tap";
import { recordedFacts } from "../../../facts/recorded.ts";
import type { DeviceCgroupRule } from "../../../spec/generated/config.ts";
import { planOn } from "../golden.ts";

/** "deny a", "allow c 1:3 rwm ?" */
function written(devices: readonly DeviceCgroupRule[] | undefined): string[] {
  return planOn("hybrid", devices === undefined ? {} : { resources: { devices } }).create.flatMap((operation) => {
    if (operation.op !== "write" || typeof operation.path !== "string") return [];
    const optional = operation.flags.includes("optional") ? " ?" : "";
    return [`${operation.path.replace(/.*devices\./, "")} ${operation.data}${optional}`];
  });
}

const DEFAULTS = [
  "allow c *:* m ?",
  "allow b *:* m ?",
  ...["1:3", "1:5", "1:7", "1:8", "1:9", "5:0", "136:*", "5:2", "10:200"].map((number) => `allow c ${number} rwm ?`),
];

test("everything is denied, with rules or without", async (t) => {
  t.strictSame(written(undefined), ["deny a", ...DEFAULTS]);
  t.strictSame(written([]), ["deny a", ...DEFAULTS]);
});

test("rules of config.json come first and in order, then the defaults", async (t) => {
  const rules: DeviceCgroupRule[] = [
    { allow: false, access: "rwm" },
    { allow: true, type: "c", major: 10, minor: 229, access: "wr" },
    { allow: true, type: "b", major: 8, minor: -1, access: "r" },
    { allow: true, type: "b", major: 8, access: "m" },
  ];
  t.strictSame(written(rules), ["deny a", "allow c 10:229 rw", "allow b 8:* r", "allow b 8:* m", ...DEFAULTS]);
  const { create } = planOn("hybrid", { resources: { devices: rules } });
  t.strictSame(
    create.slice(10, 14).map(({ from }) => from),
    ["0", "1", "2", "3"].map((index) => `/linux/resources/devices/${index}`),
  );
});

test("a list of allow rules only still starts from nothing", async (t) => {
  t.strictSame(written([{ allow: true, type: "c", major: 1, minor: 3, access: "r" }])[0], "deny a");
});

test("everything is allowed: nothing to add; a rule about all devices ends what came before", async (t) => {
  t.strictSame(written([{ allow: true, type: "a", access: "rwm" }]), ["allow a"]);
  t.strictSame(written([{ allow: true, type: "c", major: 1 }, { allow: true }]), ["allow a"]);
  t.strictSame(written([{ allow: true }, { allow: false, type: "b", major: 8 }]), [
    "allow a",
    "deny b 8:* rwm",
    ...DEFAULTS,
  ]);
});

test("all types, but some numbers or some access: the kernel would read `a` as all", async (t) => {
  t.strictSame(written([{ allow: true, type: "a", access: "r" }]).slice(0, 3), [
    "deny a",
    "allow c *:* r",
    "allow b *:* r",
  ]);
  t.strictSame(written([{ allow: true, major: 5 }]).slice(1, 3), ["allow c 5:* rwm", "allow b 5:* rwm"]);
});

test("holes that the kernel would not make are refused", async (t) => {
  const hole = (devices: DeviceCgroupRule[], index: number, other: number) =>
    t.throws(() => written(devices), {
      code: "host",
      pointer: `/linux/resources/devices/${index}`,
      message: `cgroup v1 can't make an exception to the rule at /linux/resources/devices/${other}`,
    });
  hole(
    [
      { allow: true, type: "c", major: 10 },
      { allow: false, type: "c", major: 10, minor: 200 },
    ],
    1,
    0,
  );
  hole([{ allow: true }, { allow: false, type: "b" }, { allow: true, type: "b", major: 8, access: "r" }], 2, 1);
  const fine: DeviceCgroupRule[][] = [
    [
      { allow: true, type: "c", major: 10, access: "r" },
      { allow: false, type: "c", major: 10, minor: 200, access: "w" },
    ],
    [
      { allow: true, type: "c", major: 10, minor: 1 },
      { allow: false, type: "c", major: 10, minor: 1, access: "w" },
    ],
    [
      { allow: true, type: "c", major: 10, minor: 1 },
      { allow: false, type: "b", major: 10, minor: 1 },
    ],
    [
      { allow: true, type: "c", major: 9 },
      { allow: false, type: "c", major: 9 },
      { allow: false, type: "c", major: 9, minor: 1 },
    ],
  ];
  for (const devices of fine) t.doesNotThrow(() => written(devices));
});

test("in a user namespace nothing may be written, and nothing must", async (t) => {
  const host = { ...recordedFacts("hybrid").host, userNamespace: true };
  const { create } = planOn("hybrid", { host, rootless: false });
  t.ok(create.every((operation) => operation.op !== "write" || operation.flags.includes("optional")));
});

test("v1 without the devices controller", async (t) => {
  const { host } = recordedFacts("hybrid");
  const hierarchies = host.cgroup.hierarchies.filter(({ controllers }) => !controllers.includes("devices"));
  t.throws(() => planOn("hybrid", { host: { ...host, cgroup: { ...host.cgroup, hierarchies } } }), {
    code: "host",
    pointer: "/linux/resources/devices",
    message: "the devices controller is not available",
  });
});
