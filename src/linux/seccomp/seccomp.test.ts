/** The operation that loads a filter, and who gets its listener. */
import t from "tap";
import type { Seccomp } from "../../spec/generated/config.ts";
import { sendToAgent } from "./agent.ts";
import { planSeccomp } from "./seccomp.ts";

const ALLOW = { defaultAction: "SCMP_ACT_ALLOW" } as const;
const ASK = { ...ALLOW, listenerPath: "agent", syscalls: [{ names: ["mkdir"], action: "SCMP_ACT_NOTIFY" }] } as const;
const EVERY = [
  "SECCOMP_FILTER_FLAG_TSYNC",
  "SECCOMP_FILTER_FLAG_LOG",
  "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
  "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
] as const;

function flags(seccomp: Seccomp) {
  const [operation] = planSeccomp({ seccomp, annotations: undefined }, "x64", () => undefined);
  return operation?.op === "seccomp" ? operation.flags : undefined;
}

t.test("flags", async (t) => {
  t.same(flags(ALLOW), ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"]);
  t.same(flags({ ...ALLOW, flags: [] }), []);
  t.same(flags({ ...ALLOW, flags: EVERY }), EVERY.slice(0, 3), "the kernel refuses the last one without a listener");
  t.same(flags(ASK), ["SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_NEW_LISTENER"]);
  t.same(
    flags({ ...ASK, flags: EVERY }),
    [...EVERY.slice(1), "SECCOMP_FILTER_FLAG_NEW_LISTENER"],
    "the kernel refuses TSYNC with a listener, and init has one thread",
  );
});

t.test("listenerPath has no effect where nothing asks (config-linux.md)", async (t) => {
  const source = (seccomp: Seccomp) => ({ seccomp, annotations: undefined });
  const subject = { id: "demo", bundle: "/bundle", annotations: undefined };
  t.same(sendToAgent(source({ ...ALLOW, listenerPath: "/x" }), subject, { status: "created" }), []);
  const operations = sendToAgent(source(ASK), subject, { status: "created" });
  t.match(operations[1], { op: "connect", path: "/bundle/agent", from: "/linux/seccomp/listenerPath" });
});

t.test("no filter", async (t) => {
  t.same(
    planSeccomp({ seccomp: undefined, annotations: {} }, "x64", () => undefined),
    [],
  );
});
