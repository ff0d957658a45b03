/** What planners make is what the schema of plans describes; and the schema is not so wide that anything passes. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { test } from "tap";
import { planContainer } from "../linux/container.ts";
import { contextFor, PROCESS } from "../linux/testing/context.ts";
import type { Plan } from "../plan/plan.ts";
import { planJson } from "../plan/show.ts";
import { planSchema } from "./plan-schema.ts";

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
const validate = ajv.compile(JSON.parse(planSchema()));

const HOOK = { path: "/bin/hook", env: ["A=b"], timeout: 1 };

const PLANS: Readonly<Record<string, Plan>> = {
  plain: planContainer(contextFor({})),
  "a terminal, hooks and capabilities": planContainer(
    contextFor(
      {
        hooks: { createRuntime: [HOOK], createContainer: [HOOK], poststop: [HOOK] },
        process: {
          ...PROCESS,
          terminal: true,
          capabilities: { bounding: ["CAP_KILL"] },
          user: { uid: 1, gid: 2, additionalGids: [3, 4] },
          rlimits: [{ type: "RLIMIT_CORE", soft: 2 ** 63, hard: 2 ** 63 }],
        },
        linux: { namespaces: [{ type: "mount" }, { type: "pid" }], seccomp: { defaultAction: "SCMP_ACT_ALLOW" } },
      },
      { command: "create", consoleSocket: "/run/console" },
    ),
  ),
  "a user namespace on v2": planContainer(
    contextFor(
      {
        mounts: [{ destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["ro", "size=1k"] }],
        linux: {
          namespaces: [{ type: "user" }, { type: "mount" }],
          uidMappings: [{ containerID: 0, hostID: 5, size: 9 }],
          gidMappings: [{ containerID: 0, hostID: 5, size: 9 }],
          resources: { memory: { limit: 1 << 20 }, devices: [{ allow: false, access: "rwm" }] },
        },
      },
      { host: "v2" },
    ),
  ),
};

for (const [name, plan] of Object.entries(PLANS)) {
  test(name, async (t) => {
    validate(JSON.parse(planJson(plan)));
    t.same(validate.errors ?? [], []);
  });
}

test("what is no plan is refused", async (t) => {
  const plan = (host: unknown) => ({ failure: "", failureStatus: 1, sections: { host: [host] } });
  const claim = { op: "claim", from: "x", path: "/x", mode: 0o700 };
  t.ok(validate(plan(claim)));
  t.notOk(validate(plan({ ...claim, more: 1 })), "an argument that is not in the table");
  t.notOk(validate(plan({ ...claim, mode: "0700" })), "a value of another kind");
  t.notOk(validate(plan({ ...claim, from: "" })), "no reason");
  t.notOk(validate(plan({ ...claim, path: [{ slot: "moon" }] })), "no such slot");
  t.notOk(validate({ ...plan(claim), sections: { undo: [claim] } }), "an operation in another section");
  t.notOk(validate({ ...plan(claim), sections: { now: [] } }), "no such section");
});
