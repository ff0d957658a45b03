import { test } from "tap";
import { recordedFacts } from "../../facts/recorded.ts";
import { line, planOn } from "./golden.ts";

const ROOT = "/sys/fs/cgroup";

test("hybrid: a cgroup in every hierarchy, the named one and cgroup2 included", async (t) => {
  const { create, join } = planOn("hybrid", {});
  t.strictSame(
    create.filter(({ op }) => op === "cgroup").map((operation) => line(operation)),
    [
      "cgroup mount=/sys/fs/cgroup/cpu path=/pod/demo controllers= flags=empty",
      "cgroup mount=/sys/fs/cgroup/cpuacct path=/pod/demo controllers= flags=empty",
      "cgroup mount=/sys/fs/cgroup/cpuset path=/pod/demo controllers= flags=cpuset,empty",
      "cgroup mount=/sys/fs/cgroup/memory path=/pod/demo controllers= flags=empty",
      "cgroup mount=/sys/fs/cgroup/devices path=/pod/demo controllers= flags=empty",
      "cgroup mount=/sys/fs/cgroup/freezer path=/pod/demo controllers= flags=empty",
      "cgroup mount=/sys/fs/cgroup/blkio path=/pod/demo controllers= flags=empty",
      "cgroup mount=/sys/fs/cgroup/pids path=/pod/demo controllers= flags=empty",
      "cgroup mount=/sys/fs/cgroup/systemd path=/pod/demo controllers= flags=empty",
      "cgroup mount=/sys/fs/cgroup/unified path=/pod/demo controllers= flags=empty",
    ],
  );
  t.equal(join.length, 10);
  t.equal(
    join.map((operation) => line(operation))[0],
    "write path=/sys/fs/cgroup/cpu/pod/demo/cgroup.procs data={pid} mode=0 flags=",
  );
  t.ok([...create, ...join].every(({ from }) => from === "/linux/cgroupsPath" || from === "default devices"));
});

test("hybrid: undo kills through cgroup2, thaws through v1, and removes what was missing, parents included", async (t) => {
  const plan = planOn("hybrid", { more: { [`${ROOT}/pids/pod`]: null, [`${ROOT}/cpu/pod/demo`]: null } });
  const undo = plan.undo.map((operation) => line(operation));
  t.equal(
    undo[0],
    "kill_cgroup path=/sys/fs/cgroup/unified/pod/demo freezer=/sys/fs/cgroup/freezer/pod/demo/freezer.state thaw=THAWED flags=",
  );
  t.equal(undo[1], "rmdir_cgroup mount=/sys/fs/cgroup/unified path=/pod/demo parents=1");
  t.ok(undo.includes("rmdir_cgroup mount=/sys/fs/cgroup/pids path=/pod/demo parents=0"), "the parent existed");
  t.notOk(
    undo.some((text) => text.includes(`${ROOT}/cpu `)),
    "the cgroup existed and stays",
  );
  t.equal(plan.killPath, `${ROOT}/unified/pod/demo`);
});

test("v1: paths by controller, as runc records them; no cgroup2", async (t) => {
  const plan = planOn("v1", { cgroupsPath: undefined });
  t.strictSame(plan.paths, {
    "name=systemd": `${ROOT}/systemd/system.slice/containerd.service/demo`,
    cpuset: `${ROOT}/cpuset/demo`,
    cpu: `${ROOT}/cpu,cpuacct/system.slice/containerd.service/demo`,
    cpuacct: `${ROOT}/cpu,cpuacct/system.slice/containerd.service/demo`,
    blkio: `${ROOT}/blkio/system.slice/containerd.service/demo`,
    memory: `${ROOT}/memory/system.slice/containerd.service/demo`,
    devices: `${ROOT}/devices/system.slice/containerd.service/demo`,
    freezer: `${ROOT}/freezer/demo`,
    net_cls: `${ROOT}/net_cls,net_prio/demo`,
    net_prio: `${ROOT}/net_cls,net_prio/demo`,
    perf_event: `${ROOT}/perf_event/demo`,
    hugetlb: `${ROOT}/hugetlb/demo`,
    pids: `${ROOT}/pids/system.slice/containerd.service/demo`,
    rdma: `${ROOT}/rdma/demo`,
  });
  t.equal(plan.killPath, `${ROOT}/freezer/demo`);
  t.strictSame(plan.freezer, {
    file: `${ROOT}/freezer/demo/freezer.state`,
    frozen: "FROZEN",
    freeze: "FROZEN",
    thaw: "THAWED",
    settled: { file: `${ROOT}/freezer/demo/freezer.state`, text: "FROZEN" },
  });
  t.strictSame(plan.oom, {
    path: `${ROOT}/memory/system.slice/containerd.service/demo/memory.oom_control`,
    key: "oom_kill",
  });
  t.equal(plan.create[0]?.from, "cgroup", "config.json did not ask");
});

test("limits come after the cgroups, and before anything joins", async (t) => {
  const { create } = planOn("hybrid", { resources: { pids: { limit: 5 }, cpu: { cpus: "0" } } });
  const kinds = create.map(({ op }) => op);
  t.equal(kinds.lastIndexOf("cgroup"), 9);
  t.ok(kinds.slice(10).every((op) => op === "write"));
  t.match(create[10], { path: /cpuset\.cpus$/ });
});

test("a cgroup with processes of somebody else is refused", async (t) => {
  const directory = `${ROOT}/pids/pod/demo`;
  t.throws(() => planOn("hybrid", { more: { [`${directory}/cgroup.procs`]: "12\n13\n" } }), {
    code: "state",
    message: `container's cgroup is not empty: 2 process(es) found in ${directory}`,
  });
  t.doesNotThrow(() => planOn("hybrid", { more: { [`${directory}/cgroup.procs`]: "" } }));
});

test("a frozen cgroup that exists is refused", async (t) => {
  const state = `${ROOT}/freezer/pod/demo/freezer.state`;
  t.throws(() => planOn("hybrid", { more: { [state]: "FROZEN\n" } }), {
    code: "state",
    message: /unexpectedly frozen/,
  });
  t.doesNotThrow(() => planOn("hybrid", { more: { [state]: "THAWED\n" } }));
});

test("rootless: what may not be made is left out without a path, and refused with one", async (t) => {
  const { host, files } = recordedFacts("hybrid");
  const user = { ...host, euid: 1000 };
  const writable = (path: string) => path.startsWith(`${ROOT}/pids`);
  const request = { host: user, files: { ...files, writable }, rootless: true, cgroupsPath: undefined };
  const plan = planOn("hybrid", request);
  t.strictSame(plan.paths, { pids: `${ROOT}/pids/demo` });
  t.strictSame(
    plan.create.map(({ op }) => op),
    ["cgroup"],
    "no device rules either",
  );
  t.throws(() => planOn("hybrid", { ...request, resources: { memory: { limit: 1 << 20 } } }), {
    code: "host",
    pointer: "/linux/resources/memory/limit",
    message: "rootless: no permission to make a cgroup for the memory controller",
  });
  t.throws(() => planOn("hybrid", { ...request, cgroupsPath: "/x" }), {
    code: "host",
    pointer: "/linux/cgroupsPath",
    message: /rootless needs no limits \+ no cgrouppath .* \/sys\/fs\/cgroup\/cpu is not writable/,
  });
});

test("disabled: nothing is made, and limits are refused", async (t) => {
  const plan = planOn("hybrid", { disabled: true, resources: { devices: [{ allow: false }] } });
  t.strictSame([plan.create, plan.join, plan.undo, plan.paths, plan.killPath], [[], [], [], {}, undefined]);
  t.throws(() => planOn("hybrid", { disabled: true, resources: { pids: { limit: 1 } } }), {
    code: "host",
    pointer: "/linux/resources/pids/limit",
    message: "cgroups are disabled",
  });
});

test("a controller that is not mounted is named", async (t) => {
  t.throws(() => planOn("hybrid", { resources: { network: { classID: 1 } } }), {
    code: "host",
    pointer: "/linux/resources/network/classID",
    message: "the net_cls controller is not available: no cgroup hierarchy with it is mounted",
  });
});
