/** linux.intelRdt, on a recorded host with resctrl. */
import { test } from "tap";
import { checkPlan } from "../plan/check.ts";
import type { Operation } from "../plan/operations.ts";
import type { IntelRdt } from "../spec/generated/config.ts";
import { planContainer } from "./container.ts";
import { joinClass } from "./intel-rdt.ts";
import { contextFor } from "./testing/context.ts";

const MOUNT = "/sys/fs/resctrl";
const FILES = {
  "/proc/self/mountinfo":
    "25 1 0:23 / /sys rw - sysfs sysfs rw\n44 25 0:39 / /sys/fs/resctrl rw,relatime shared:20 - resctrl resctrl rw\n",
  [`${MOUNT}/schemata`]: "    L3:0=fff;1=fff\n    MB:0=100;1=100\n",
  [`${MOUNT}/gold/schemata`]: "    L3:0=0ff;1=fff\n    MB:0= 50;1=100\n",
};

function planned(intelRdt: IntelRdt) {
  const context = contextFor({ linux: { intelRdt } }, { host: "v2", files: FILES });
  const plan = planContainer(context);
  const ours = (operations: readonly Operation[] | undefined) =>
    (operations ?? []).filter(({ from }) => from.startsWith("/linux/intelRdt")).map(words);
  return { plan, host: ours(plan.sections.host), undo: ours(plan.sections.undo) };
}

function words(operation: Operation): string {
  if (operation.op === "write") return `${operation.path} < ${JSON.stringify(operation.data)} (${operation.from})`;
  return operation.op === "mkdir" || operation.op === "remove" ? `${operation.op} ${operation.path}` : operation.op;
}

const PID = '[{"slot":"pid"}]';
const AT = "/linux/intelRdt";

const CASES: readonly (readonly [IntelRdt, readonly string[], readonly string[]])[] = [
  // Without closID the class is the container's own, and goes with it.
  [{}, [`mkdir ${MOUNT}/demo`, `${MOUNT}/demo/tasks < ${PID} (${AT})`], [`remove ${MOUNT}/demo`]],
  [
    { l3CacheSchema: "L3:0=f", memBwSchema: "MB:0=20", schemata: ["L2:0=3"] },
    [
      `mkdir ${MOUNT}/demo`,
      `${MOUNT}/demo/schemata < "L3:0=f\\n" (${AT}/l3CacheSchema)`,
      `${MOUNT}/demo/schemata < "MB:0=20\\n" (${AT}/memBwSchema)`,
      `${MOUNT}/demo/schemata < "L2:0=3\\n" (${AT}/schemata/0)`,
      `${MOUNT}/demo/tasks < ${PID} (${AT})`,
    ],
    [`remove ${MOUNT}/demo`],
  ],
  [{ closID: "/" }, [`${MOUNT}/tasks < ${PID} (${AT})`], []],
  [{ closID: "gold" }, [`${MOUNT}/gold/tasks < ${PID} (${AT})`], []],
  [{ closID: "gold", schemata: ["L3:0=ff;1=FFF", "MB:0=50"] }, [`${MOUNT}/gold/tasks < ${PID} (${AT})`], []],
  [
    { closID: "new", memBwSchema: "MB:0=20" },
    [
      `mkdir ${MOUNT}/new`,
      `${MOUNT}/new/schemata < "MB:0=20\\n" (${AT}/memBwSchema)`,
      `${MOUNT}/new/tasks < ${PID} (${AT})`,
    ],
    [],
  ],
  [
    { closID: "gold", enableMonitoring: true },
    [
      `mkdir ${MOUNT}/gold/mon_groups/demo`,
      `${MOUNT}/gold/tasks < ${PID} (${AT})`,
      `${MOUNT}/gold/mon_groups/demo/tasks < ${PID} (${AT}/enableMonitoring)`,
    ],
    [`remove ${MOUNT}/gold/mon_groups/demo`],
  ],
];

test("classes, their limits, and who takes them away", async (t) => {
  for (const [intelRdt, host, undo] of CASES) {
    const found = planned(intelRdt);
    t.same(found.host, host, JSON.stringify(intelRdt));
    t.same(found.undo, undo);
    t.same(checkPlan(found.plan), []);
    const state = found.plan.sections.host?.find(
      (operation) => operation.op === "write" && operation.path === "/run/tsoci/demo/state.json",
    );
    t.match(JSON.stringify(state), /intel_rdt_path/);
  }
  t.same(joinClass(`${MOUNT}/gold`).map(words), [`${MOUNT}/gold/tasks < ${PID} (${AT})`], "exec");
});

test("what can't be", async (t) => {
  const bad = (intelRdt: IntelRdt, pointer: string, message: RegExp) =>
    t.throws(() => planned(intelRdt), { pointer: `${AT}${pointer}`, message });
  bad({ closID: "silver" }, "/closID", /no class of service silver/);
  bad({ closID: "gold", l3CacheSchema: "L3:0=1" }, "/l3CacheSchema", /gold exists with another schema/);
  bad({ closID: "gold", schemata: ["MB:0=50", "MB:2=50"] }, "/schemata/1", /another schema/);
  t.throws(() => contextFor({ linux: { intelRdt: {} } }, { files: { ...FILES, [`${MOUNT}/demo/tasks`]: "" } }), {
    pointer: AT,
    message: "/sys/fs/resctrl/demo is somebody else's class of service",
  });
  bad({ closID: "../x" }, "/closID", /not a name/);
  t.throws(() => contextFor({ linux: { intelRdt: {} } }, { host: "v2" }), {
    code: "host",
    pointer: AT,
    message: "no resctrl filesystem is mounted on this host",
  });
});
