import { test } from "tap";
import { recordedFiles } from "../facts/recorded.ts";
import { checkPlan } from "../plan/check.ts";
import { planEvents } from "./events.ts";

const files = recordedFiles({ files: { "/cg/demo/memory.events": "oom_kill 0\n" }, writable: [] });

function watched(paths: Readonly<Record<string, string>>) {
  const plan = planEvents({ id: "demo", init: { pid: 5, startTime: 6 }, paths, interval: 1000, files });
  const [, operation] = plan.sections.host ?? [];
  if (operation?.op !== "events") throw new Error("no events");
  return { plan, operation };
}

test("where the kernel tells that memory ran out", async (t) => {
  t.match(watched({ "": "/cg/demo" }).operation, { file: "/cg/demo/memory.events", control: "", key: "oom_kill" });
  t.match(watched({ memory: "/cg/memory/demo", "": "/cg/demo" }).operation, {
    file: "/cg/memory/demo/memory.oom_control",
    control: "/cg/memory/demo/cgroup.event_control",
    key: "",
  });
  t.match(watched({ pids: "/cg/pids/demo", "": "/cg/demo" }).operation, { file: "" }, "hybrid without memory");
  t.match(watched({ "": "/cg/other" }).operation, { file: "" }, "v2 without the controller");
  t.match(watched({}).operation, { file: "" }, "no cgroup");
});

test("the line, and what is asked", async (t) => {
  const { plan, operation } = watched({});
  t.equal(operation.event, '{"type":"oom","id":"demo"}\n');
  t.strictSame(operation.question, ["tsoci", "events", "--stats", "demo"]);
  t.strictSame(checkPlan(plan), []);
});
