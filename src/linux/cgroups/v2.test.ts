import { test } from "tap";
import { line, planOn } from "./golden.ts";

const ROOT = "/sys/fs/cgroup";
const USER = `${ROOT}/user.slice/user-1000.slice/user@1000.service/app.slice`;

test("one cgroup; controllers that siblings of the container have, and those of its limits", async (t) => {
  const plan = planOn("v2", { resources: { cpu: { cpus: "0-1" }, pids: { limit: 10 } } });
  t.strictSame(
    plan.create.map((operation) => [operation.from, line(operation)]),
    [
      [
        "/linux/cgroupsPath",
        "cgroup mount=/sys/fs/cgroup path=/pod/demo controllers=+cpuset +pids +cpu +io +memory flags=empty",
      ],
      ["/linux/resources/cpu/cpus", "write path=/sys/fs/cgroup/pod/demo/cpuset.cpus data=0-1 mode=0 flags="],
      ["/linux/resources/pids/limit", "write path=/sys/fs/cgroup/pod/demo/pids.max data=10 mode=0 flags="],
      ["default devices", "device_filter cgroup=/sys/fs/cgroup/pod/demo program=86 instructions flags="],
    ],
  );
  t.strictSame(
    plan.join.map((operation) => line(operation)),
    ["write path=/sys/fs/cgroup/pod/demo/cgroup.procs data={pid} mode=0 flags="],
  );
  t.strictSame(
    plan.undo.map((operation) => line(operation)),
    [
      "kill_cgroup path=/sys/fs/cgroup/pod/demo freezer=/sys/fs/cgroup/pod/demo/cgroup.freeze thaw=0 flags=",
      "rmdir_cgroup mount=/sys/fs/cgroup path=/pod/demo parents=1",
    ],
  );
  t.strictSame(plan.paths, { "": `${ROOT}/pod/demo` });
  t.equal(plan.killPath, `${ROOT}/pod/demo`);
  t.strictSame(plan.oom, { path: `${ROOT}/pod/demo/memory.events`, key: "oom_kill" });
  t.strictSame(plan.freezer, {
    file: `${ROOT}/pod/demo/cgroup.freeze`,
    frozen: "1",
    freeze: "1",
    thaw: "0",
    settled: { file: `${ROOT}/pod/demo/cgroup.events`, text: "frozen 1" },
  });
});

test("controllers for statistics are enabled only where that can't fail", async (t) => {
  const words = (more: Readonly<Record<string, string>>) => {
    const [cgroup] = planOn("v2", { cgroupsPath: "/pod/demo", more }).create;
    return cgroup?.op === "cgroup" ? cgroup.controllers : undefined;
  };
  const at = `${ROOT}/pod`;
  const parent = {
    [`${at}/cgroup.controllers`]: "cpu memory pids\n",
    [`${at}/cgroup.subtree_control`]: "",
    [`${at}/cgroup.events`]: "",
  };
  t.equal(words({ ...parent, [`${at}/cgroup.procs`]: "" }), "+memory +pids");
  t.equal(words({ ...parent, [`${at}/cgroup.procs`]: "17\n" }), "", "processes in the parent: no internal processes");
  t.equal(
    words({ ...parent, [`${at}/cgroup.subtree_control`]: "memory\n", [`${at}/cgroup.procs`]: "" }),
    "+memory +pids",
  );
  const root = { [`${ROOT}/cgroup.subtree_control`]: "", [`${ROOT}/cgroup.procs`]: "1\n" };
  t.equal(words(root), "+memory +pids +io", "the root may have processes");
});

test("a controller that no ancestor hands down is named", async (t) => {
  t.throws(() => planOn("v2", { resources: { unified: { "dmem.max": "1" } } }), {
    code: "host",
    pointer: "/linux/resources/unified/dmem.max",
    message: "the dmem controller is not available in /sys/fs/cgroup",
  });
  const needsCpuset = { cgroupsPath: undefined, resources: { cpu: { cpus: "0" } } };
  t.throws(() => planOn("v2-rootless", needsCpuset), {
    code: "host",
    pointer: "/linux/resources/cpu/cpus",
    message:
      "the cpuset controller is not available in /sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service: user@.service needs Delegate= with it",
  });
});

test("a controller that would have to be handed down from among processes is refused before anything is changed", async (t) => {
  const at = `${ROOT}/pod`;
  const occupied = {
    [`${at}/cgroup.controllers`]: "memory pids\n",
    [`${at}/cgroup.subtree_control`]: "memory\n",
    [`${at}/cgroup.events`]: "populated 1\n",
    [`${at}/cgroup.procs`]: "17\n",
  };
  t.throws(() => planOn("v2", { resources: { pids: { limit: 1 } }, more: occupied }), {
    code: "host",
    pointer: "/linux/resources/pids/limit",
    message: "the pids controller can't be enabled below /sys/fs/cgroup/pod, which has processes of its own",
  });
  const { create } = planOn("v2", { resources: { memory: { limit: 1 << 20 } }, more: occupied });
  t.equal(create[0]?.op, "cgroup", "it is enabled there already");
});

test("rootless with delegation: beside the runtime's cgroup; the device filter may fail", async (t) => {
  const plan = planOn("v2-rootless", { cgroupsPath: undefined, resources: { memory: { limit: 1 << 20 } } });
  t.strictSame(
    plan.create.map((operation) => line(operation)),
    [
      `cgroup mount=${ROOT} path=${USER.slice(ROOT.length)}/demo controllers=+memory +pids flags=empty`,
      `write path=${USER}/demo/memory.max data=1048576 mode=0 flags=`,
      `device_filter cgroup=${USER}/demo program=86 instructions flags=optional`,
    ],
  );
});

test("rootless without delegation: no cgroup without a path, an error with a path or limits", async (t) => {
  const name = "v2-rootless-undelegated";
  const plan = planOn(name, { cgroupsPath: undefined, resources: { devices: [{ allow: false }] } });
  t.strictSame([plan.create, plan.join, plan.undo, plan.paths], [[], [], [], {}]);
  t.throws(() => planOn(name, { cgroupsPath: undefined, resources: { pids: { limit: 1 } } }), {
    code: "host",
    pointer: "/linux/resources/pids/limit",
    message: "rootless needs no limits + no cgrouppath when no permission is granted for cgroups",
  });
  t.throws(() => planOn(name, { cgroupsPath: "/x" }), {
    code: "host",
    pointer: "/linux/cgroupsPath",
    message:
      "rootless needs no limits + no cgrouppath when no permission is granted for cgroups: /sys/fs/cgroup is not writable",
  });
});

test("a cgroup that existed stays; a frozen one is refused", async (t) => {
  const at = `${ROOT}/pod/demo`;
  const { undo } = planOn("v2", { more: { [`${at}/cgroup.freeze`]: "0\n" } });
  t.strictSame(
    undo.map(({ op }) => op),
    ["kill_cgroup"],
  );
  t.throws(() => planOn("v2", { more: { [`${at}/cgroup.freeze`]: "1\n" } }), {
    code: "state",
    message: /unexpectedly frozen/,
  });
});

test("no filter where everything is allowed", async (t) => {
  t.strictSame(
    planOn("v2", { resources: { devices: [{ allow: true }] } }).create.map(({ op }) => op),
    ["cgroup"],
  );
});

test("the owner gets the cgroup and the files that may be delegated", async (t) => {
  t.strictSame(
    planOn("v2", { owner: 1000 })
      .create.slice(2)
      .map((operation) => line(operation)),
    [
      "chown path=/sys/fs/cgroup/pod/demo uid=1000 gid=4294967295 flags=",
      "chown path=/sys/fs/cgroup/pod/demo/cgroup.procs uid=1000 gid=4294967295 flags=optional",
      "chown path=/sys/fs/cgroup/pod/demo/cgroup.threads uid=1000 gid=4294967295 flags=optional",
      "chown path=/sys/fs/cgroup/pod/demo/cgroup.subtree_control uid=1000 gid=4294967295 flags=optional",
      "chown path=/sys/fs/cgroup/pod/demo/memory.oom.group uid=1000 gid=4294967295 flags=optional",
      "chown path=/sys/fs/cgroup/pod/demo/memory.reclaim uid=1000 gid=4294967295 flags=optional",
    ],
  );
});

test("disabled, and a host without cgroups", async (t) => {
  const plan = planOn("v2", { disabled: true, resources: { devices: [{ allow: false }] } });
  t.strictSame([plan.create, plan.join, plan.undo, plan.paths], [[], [], [], {}]);
  t.strictSame(planOn("none", { cgroupsPath: undefined, resources: { memory: {} } }).create, []);
  const missing = { code: "host", message: "no cgroup filesystem is mounted" };
  t.throws(() => planOn("none"), { ...missing, pointer: "/linux/cgroupsPath" });
  const resources = { pids: { limit: 1 } };
  t.throws(() => planOn("none", { cgroupsPath: "", resources }), { ...missing, pointer: "/linux/resources/pids" });
  const mount = {
    target: "/sys/fs/cgroup",
    type: "cgroup",
    from: "/mounts/6",
    readonly: true,
    cgroupNamespace: true,
  } as const;
  t.throws(() => planOn("none", { cgroupsPath: "" }).mount(mount), { ...missing, pointer: "/mounts/6" });
});
