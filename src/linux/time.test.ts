/** linux.timeOffsets: lines of /proc/PID/timens_offsets (time_namespaces(7)). */
import { test } from "tap";
import { contextFor } from "./testing/context.ts";
import { planTime } from "./time.ts";

const namespaces = [{ type: "time" }] as const;
const ENTER = { op: "unshare", from: "/linux/namespaces", flags: ["CLONE_NEWTIME"] };

const CASES = [
  { timeOffsets: undefined, offsets: "" },
  { timeOffsets: {}, offsets: "" },
  { timeOffsets: { boottime: { secs: 100 } }, offsets: "boottime 100 0\n" },
  { timeOffsets: { monotonic: { secs: -5, nanosecs: 7 } }, offsets: "monotonic -5 7\n" },
  {
    timeOffsets: { monotonic: { secs: 1 }, boottime: { nanosecs: 2 } },
    offsets: "monotonic 1 0\nboottime 0 2\n",
  },
];

for (const { timeOffsets, offsets } of CASES) {
  test(`offsets ${JSON.stringify(timeOffsets)}`, async (t) => {
    const context = contextFor({ linux: { namespaces, ...(timeOffsets ? { timeOffsets } : {}) } });
    t.same(planTime(context), [ENTER, { op: "enter_time", from: "/linux/timeOffsets", offsets }]);
  });
}

test("without a time namespace of its own there is nothing to do", async (t) => {
  t.same(planTime(contextFor({})), []);
  t.same(planTime(contextFor({ linux: { namespaces: [{ type: "time", path: "/proc/1/ns/time" }] } })), []);
});

test("init can't set offsets in a user namespace that it joins", async (t) => {
  const joined = [...namespaces, { type: "user", path: "/proc/1/ns/user" }] as const;
  const timeOffsets = { boottime: { secs: 1 } };
  t.throws(() => planTime(contextFor({ linux: { namespaces: joined, timeOffsets } })), {
    code: "unsupported",
    message: "not supported yet: /linux/timeOffsets (in a joined user namespace)",
  });
  t.same(planTime(contextFor({ linux: { namespaces: joined } })), [
    ENTER,
    { op: "enter_time", from: "/linux/timeOffsets", offsets: "" },
  ]);
});
