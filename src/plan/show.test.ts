/** How `tsoci plan` and `tsoci explain` print. */
import { test } from "tap";
import type { Operation } from "./operations.ts";
import type { Plan } from "./plan.ts";
import { planJson, planText, shellText } from "./show.ts";

const setsid: Operation = { op: "setsid", from: "/process" };
const remove: Operation = { op: "remove", from: "undo", path: "/x", flags: [] };

const PLAN: Plan = {
  failure: "run failed",
  failureStatus: 1,
  sections: { init: [setsid], undo: [remove], host: [{ op: "warn", from: "x", message: "a\nb" }] },
  later: {
    failure: "",
    failureStatus: 1,
    sections: { state: [{ op: "identity", from: "state", path: "/i", mode: "load" }], undo: [remove] },
  },
};

test("sections stand in the order in which a container lives, and none twice", async (t) => {
  t.equal(
    planText(PLAN),
    [
      "host   x         warn: a\nb",
      "init   /process  start a session",
      "undo   undo      remove /x",
      "state  state     load the identity of init in /i",
      "",
    ].join("\n"),
  );
});

test("a command is one line", async (t) => {
  const lines = shellText(PLAN).split("\n");
  t.equal(lines[0], "host   x         echo 'a\\nb' >&2");
  t.equal(lines[1], "init   /process  setsid");
  t.equal(lines.length, 5);
  const long = shellText({ ...PLAN, sections: { host: [{ op: "warn", from: "x", message: "y".repeat(1000) }] } });
  t.match(long.split("\n")[0], /^host {3}x {6}echo y+…$/);
});

test("JSON holds everything, exactly", async (t) => {
  const operations: Operation[] = [
    { op: "bounding", from: "x", mask: (1n << 63n) + 1n },
    { op: "seccomp", from: "x", filter: Uint8Array.from([1, 2, 255]), flags: [] },
    { op: "credentials", from: "x", uid: 1, gid: 2, groups: [3], flags: [] },
    { op: "warn", from: "x", message: ["a", { slot: "pid" }] },
  ];
  const json = JSON.parse(planJson({ ...PLAN, sections: { init: operations } }));
  t.match(json, { failure: "run failed", failureStatus: 1 });
  t.same(json.sections.init, [
    { op: "bounding", from: "x", mask: "9223372036854775809" },
    { op: "seccomp", from: "x", filter: { base64: "AQL/" }, flags: [] },
    { op: "credentials", from: "x", uid: 1, gid: 2, groups: [3], flags: [] },
    { op: "warn", from: "x", message: ["a", { slot: "pid" }] },
  ]);
  t.same(json.later.undo, [{ op: "remove", from: "undo", path: "/x", flags: [] }]);
});
