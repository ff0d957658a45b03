/** Labels of AppArmor and SELinux, on hosts that have them and on hosts that have not. */
import { test } from "tap";
import type { Facts, SecurityModules } from "../facts/facts.ts";
import { recordedFacts } from "../facts/recorded.ts";
import { checkPlan } from "../plan/check.ts";
import type { Operation } from "../plan/operations.ts";
import { planContainer } from "./container.ts";
import { withMountLabel } from "./mount-label.ts";
import { planMounts } from "./mounts.ts";
import { hasLabels, labelKeys, labelOnExec, warnAboutLabels } from "./security-labels.ts";
import { contextFor, PROCESS } from "./testing/context.ts";

const labelled = { ...PROCESS, apparmorProfile: "docker-default", selinuxLabel: "u:r:container_t:s0:c1,c2" };
const linux = { mountLabel: "u:r:container_file_t:s0:c1,c2" };

function factsWith(modules: Partial<SecurityModules>, files = {}): Facts {
  const facts = recordedFacts("v2", files);
  return { ...facts, host: { ...facts.host, securityModules: { apparmor: false, selinux: false, ...modules } } };
}

test("a host without the module: one warning for each label, and nothing else", async (t) => {
  const context = { ...contextFor({ process: labelled, linux }), facts: factsWith({}) };
  const plan = planContainer(context);
  const warnings = plan.sections.host?.filter(({ op }) => op === "warn").map(({ from }) => from);
  t.same(warnings, ["/linux/mountLabel", "/process/apparmorProfile", "/process/selinuxLabel"]);
  t.notOk(plan.sections.init?.some(({ op }) => op === "write_proc"));
  t.notOk(hasLabels(labelled, factsWith({})));
});

test("AppArmor: in its own directory, or in the one that all modules share", async (t) => {
  const own = factsWith({ apparmor: true }, { "/proc/self/attr/apparmor/exec": "" });
  const from = "/process/apparmorProfile";
  const data = "exec docker-default";
  t.same(labelOnExec(labelled, "/process", own), [
    { op: "write_proc", from, path: "thread-self/attr/apparmor/exec", data },
  ]);
  t.same(labelOnExec(labelled, "/process", factsWith({ apparmor: true })), [
    { op: "write_proc", from, path: "thread-self/attr/exec", data },
  ]);
  t.match(warnAboutLabels(labelled, "/process", own), [{ from: "/process/selinuxLabel" }]);
});

test("SELinux: the process, and its keys", async (t) => {
  const facts = factsWith({ selinux: true });
  const from = "/process/selinuxLabel";
  const data = labelled.selinuxLabel;
  t.same(labelOnExec(labelled, "/process", facts), [{ op: "write_proc", from, path: "thread-self/attr/exec", data }]);
  const make: readonly Operation[] = [{ op: "setsid", from: "test" }];
  t.same(labelKeys(labelled, "/process", facts, make), [
    { op: "write_proc", from, path: "thread-self/attr/keycreate", data },
    ...make,
    { op: "write_proc", from, path: "thread-self/attr/keycreate", data: "\n" },
  ]);
  t.same(labelKeys(labelled, "/process", facts, []), []);
  t.same(labelKeys(labelled, "/process", factsWith({}), make), make);
  t.same(labelKeys(undefined, "/process", facts, make), make);
});

test("SELinux: the context of new filesystems, but of those that the kernel labels", async (t) => {
  const mounts = [
    { destination: "/proc", type: "proc" },
    { destination: "/dev", type: "tmpfs", options: ["mode=755"] },
    { destination: "/dev/pts", type: "devpts" },
    { destination: "/dev/mqueue", type: "mqueue" },
    { destination: "/own", type: "tmpfs", options: ['context="a:b:c:s0"'] },
    { destination: "/srv", source: "/srv", options: ["bind"] },
  ];
  const context = { ...contextFor({ process: labelled, linux, mounts }), facts: factsWith({ selinux: true }) };
  const label = `context="${linux.mountLabel}"`;
  const data = withMountLabel(context, planMounts(context)).flatMap((operation) =>
    operation.op === "mount" ? [operation.data] : [],
  );
  t.same(data, ["", `mode=755,${label}`, label, "", 'context="a:b:c:s0"']);
  t.same(checkPlan(planContainer(context)), []);
});
