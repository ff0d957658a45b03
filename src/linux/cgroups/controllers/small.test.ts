import { test } from "tap";
import { limitsOn } from "../golden.ts";

test("pids: 0 is a limit, negative is none", async (t) => {
  for (const name of ["hybrid", "v2"] as const) {
    t.strictSame(limitsOn(name, { pids: { limit: 0 } }), ["pids/limit: pids.max = 0"]);
    t.strictSame(limitsOn(name, { pids: { limit: -1 } }), ["pids/limit: pids.max = max"]);
    t.strictSame(limitsOn(name, { pids: { limit: 1000 } }), ["pids/limit: pids.max = 1000"]);
    t.strictSame(limitsOn(name, { pids: {} }), []);
  }
});

test("huge pages: usage and reservations; sizes that the kernel knows", async (t) => {
  const hugepageLimits = [
    { pageSize: "2MB", limit: 0 },
    { pageSize: "1GB", limit: 1073741824 },
  ];
  t.strictSame(limitsOn("v1", { hugepageLimits }), [
    "hugepageLimits/0: hugetlb.2MB.limit_in_bytes = 0",
    "hugepageLimits/0: hugetlb.2MB.rsvd.limit_in_bytes = 0 ?",
    "hugepageLimits/1: hugetlb.1GB.limit_in_bytes = 1073741824",
    "hugepageLimits/1: hugetlb.1GB.rsvd.limit_in_bytes = 1073741824 ?",
  ]);
  t.strictSame(limitsOn("v2", { hugepageLimits: hugepageLimits.slice(1) }), [
    "hugepageLimits/0: hugetlb.1GB.max = 1073741824",
    "hugepageLimits/0: hugetlb.1GB.rsvd.max = 1073741824 ?",
  ]);
  for (const pageSize of ["3MB", "2048KB", "../x"]) {
    for (const name of ["v1", "v2"] as const) {
      t.throws(() => limitsOn(name, { hugepageLimits: [{ pageSize, limit: 1 }] }), {
        code: "host",
        pointer: "/linux/resources/hugepageLimits/0/pageSize",
        message: `this host has no huge pages of ${pageSize}`,
      });
    }
  }
  t.throws(() => limitsOn("hybrid", { hugepageLimits }), {
    code: "host",
    pointer: "/linux/resources/hugepageLimits/0",
  });
});

test("network: v1 only", async (t) => {
  const network = {
    classID: 1048577,
    priorities: [
      { name: "lo", priority: 500 },
      { name: "eth0", priority: 0 },
    ],
  };
  t.strictSame(limitsOn("v1", { network }), [
    "network/classID: net_cls.classid = 1048577",
    "network/priorities/0: net_prio.ifpriomap = lo 500",
    "network/priorities/1: net_prio.ifpriomap = eth0 0",
  ]);
  for (const name of ["v1", "hybrid", "v2"] as const)
    t.strictSame(limitsOn(name, { network: { classID: 0, priorities: [] } }), []);
  t.throws(() => limitsOn("v2", { network }), {
    code: "host",
    pointer: "/linux/resources/network/classID",
    message: "cgroup v2 has no net_cls controller",
  });
  t.throws(() => limitsOn("v2", { network: { priorities: network.priorities } }), {
    code: "host",
    pointer: "/linux/resources/network/priorities",
  });
  t.throws(() => limitsOn("v1", { network: { priorities: [{ name: "a 1\nb", priority: 1 }] } }), {
    code: "config",
    pointer: "/linux/resources/network/priorities/0/name",
  });
});

test("rdma", async (t) => {
  const rdma = { mlx5_1: { hcaHandles: 3, hcaObjects: 10000 }, mlx4_0: { hcaObjects: 1000 }, rxe3: { hcaHandles: 0 } };
  for (const name of ["v1", "v2"] as const) {
    t.strictSame(limitsOn(name, { rdma }), [
      "rdma/mlx5_1: rdma.max = mlx5_1 hca_handle=3 hca_object=10000",
      "rdma/mlx4_0: rdma.max = mlx4_0 hca_object=1000",
      "rdma/rxe3: rdma.max = rxe3 hca_handle=0",
    ]);
  }
  t.throws(() => limitsOn("v2", { rdma: { "a b": { hcaHandles: 1 } } }), {
    code: "config",
    pointer: "/linux/resources/rdma/a b",
  });
  t.throws(() => limitsOn("hybrid", { rdma }), { code: "host", pointer: "/linux/resources/rdma/mlx5_1" });
});

test("unified: as it is, line by line, after the converted limits", async (t) => {
  const unified = {
    "io.max": "259:0 rbps=2097152 wiops=120\n253:0 rbps=1\n",
    "memory.high": "max",
    "cgroup.max.depth": "3",
    "cpu.pressure": "0",
    "cpuset.cpus": "",
  };
  t.strictSame(limitsOn("v2", { pids: { limit: 1 }, unified }), [
    "pids/limit: pids.max = 1",
    "unified/io.max: io.max = 259:0 rbps=2097152 wiops=120",
    "unified/io.max: io.max = 253:0 rbps=1",
    "unified/memory.high: memory.high = max",
    "unified/cgroup.max.depth: cgroup.max.depth = 3",
    "unified/cpu.pressure: cpu.pressure = 0",
    "unified/cpuset.cpus: cpuset.cpus = \n",
  ]);
});

test("unified: no files elsewhere, none that control processes, none on v1", async (t) => {
  const bad = ["../../x", "a/b", "", "..", ".", "memory", "memory.", ".max", "x\ny.max"];
  const control = [
    "cgroup.procs",
    "cgroup.threads",
    "cgroup.kill",
    "cgroup.freeze",
    "cgroup.type",
    "cgroup.subtree_control",
  ];
  for (const file of [...bad, ...control]) {
    t.throws(() => limitsOn("v2", { unified: { [file]: "1" } }), { code: "config" }, JSON.stringify(file));
  }
  for (const name of ["v1", "hybrid"] as const) {
    t.throws(() => limitsOn(name, { unified: { "pids.max": "1" } }), {
      code: "host",
      pointer: "/linux/resources/unified/pids.max",
      message: "this host has cgroup v1: unified needs cgroup v2",
    });
    t.strictSame(limitsOn(name, { unified: {} }), []);
  }
});
