import { test } from "tap";
import type { CgroupMount } from "./cgroup-plan.ts";
import { line, planOn } from "./golden.ts";

const AT: CgroupMount = {
  target: "/sys/fs/cgroup",
  type: "cgroup",
  from: "/mounts/6",
  readonly: true,
  cgroupNamespace: false,
};
const SAFE = "MOUNT_ATTR_NOSUID,MOUNT_ATTR_NODEV,MOUNT_ATTR_NOEXEC";

function mounted(plan: ReturnType<typeof planOn>, mount: Partial<CgroupMount> = {}): string[] {
  return plan.mount({ ...AT, ...mount }).map((operation) => line(operation));
}

test("v2 with a cgroup namespace: the filesystem, or a bind where the kernel refuses", async (t) => {
  const plan = planOn("v2");
  t.strictSame(mounted(plan, { cgroupNamespace: true }), [
    `mount type=cgroup2 source=cgroup2 target=/sys/fs/cgroup flags= set=${SAFE},MOUNT_ATTR_RDONLY data= or_bind=/sys/fs/cgroup/pod/demo options=`,
  ]);
  t.strictSame(
    mounted(plan, {
      cgroupNamespace: true,
      readonly: false,
      type: "cgroup2",
      set: ["MOUNT_ATTR_NOATIME", "MOUNT_ATTR_NODEV"],
    }),
    [
      `mount type=cgroup2 source=cgroup2 target=/sys/fs/cgroup flags= set=${SAFE},MOUNT_ATTR_NOATIME data= or_bind=/sys/fs/cgroup/pod/demo options=`,
    ],
  );
});

test("v2 without a cgroup namespace: the container's own cgroup", async (t) => {
  t.strictSame(mounted(planOn("v2")), [
    "tree path=/sys/fs/cgroup/pod/demo flags=",
    `attributes set=${SAFE},MOUNT_ATTR_RDONLY clear= propagation= flags=`,
    "attach target=/sys/fs/cgroup flags=",
  ]);
  t.strictSame(mounted(planOn("v2"), { readonly: false })[1], `attributes set=${SAFE} clear= propagation= flags=`);
});

test("a container that stays in the runtime's cgroup sees that one", async (t) => {
  const undelegated = planOn("v2-rootless-undelegated", { cgroupsPath: undefined });
  t.equal(mounted(undelegated)[0], "tree path=/sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope flags=");
  t.ok(mounted(planOn("hybrid", { disabled: true })).includes("tree path=/sys/fs/cgroup/memory/runtime flags="));
  t.ok(mounted(planOn("hybrid", { disabled: true })).includes("tree path=/sys/fs/cgroup/pids flags="));
});

test("v1: a tmpfs with all directories and links, read-only before anything is mounted in it", async (t) => {
  const operations = mounted(planOn("v1"));
  t.strictSame(operations.slice(0, 6), [
    `mount type=tmpfs source=tmpfs target=/sys/fs/cgroup flags= set=${SAFE} data=mode=755 or_bind= options=`,
    "make_directory path=/sys/fs/cgroup/systemd mode=493",
    "make_directory path=/sys/fs/cgroup/cpuset mode=493",
    "make_directory path=/sys/fs/cgroup/cpu,cpuacct mode=493",
    "symlink path=/sys/fs/cgroup/cpu target=cpu,cpuacct flags=",
    "symlink path=/sys/fs/cgroup/cpuacct target=cpu,cpuacct flags=",
  ]);
  const readonly = operations.indexOf("attributes set=MOUNT_ATTR_RDONLY clear= propagation= flags=");
  t.equal(readonly, 1 + 12 + 4);
  t.strictSame(operations.slice(readonly + 1, readonly + 4), [
    "tree path=/sys/fs/cgroup/systemd/pod/demo flags=",
    `attributes set=${SAFE},MOUNT_ATTR_RDONLY clear= propagation= flags=`,
    "attach target=/sys/fs/cgroup/systemd flags=",
  ]);
  t.equal(operations.length, readonly + 1 + 12 * 3);
  t.notOk(mounted(planOn("v1"), { readonly: false }).some((text) => text.includes("RDONLY")));
});

test("v1 with a cgroup namespace: each hierarchy by its controllers", async (t) => {
  const operations = mounted(planOn("hybrid"), { cgroupNamespace: true });
  const mount = (type: string, name: string, data: string, path: string) =>
    `mount type=${type} source=${type} target=/sys/fs/cgroup/${name} flags= set=${SAFE},MOUNT_ATTR_RDONLY data=${data} or_bind=${path} options=`;
  t.ok(operations.includes(mount("cgroup", "cpu", "cpu", "/sys/fs/cgroup/cpu/pod/demo")));
  t.ok(operations.includes(mount("cgroup", "systemd", "name=systemd", "/sys/fs/cgroup/systemd/pod/demo")));
  t.ok(operations.includes(mount("cgroup2", "unified", "", "/sys/fs/cgroup/unified/pod/demo")));
  t.ok(mounted(planOn("v1"), { cgroupNamespace: true }).some((text) => text.includes("data=cpu,cpuacct ")));
});

test("type cgroup2 on a hybrid host, and on one that has none", async (t) => {
  t.strictSame(mounted(planOn("hybrid"), { type: "cgroup2", target: "/cg" }).at(-1), "attach target=/cg flags=");
  t.throws(() => mounted(planOn("v1"), { type: "cgroup2" }), {
    code: "host",
    pointer: "/mounts/6",
    message: "this host has no cgroup2 mounted",
  });
});

test("every operation names the entry of mounts", async (t) => {
  for (const name of ["v1", "hybrid", "v2"] as const) {
    for (const cgroupNamespace of [true, false]) {
      t.ok(
        planOn(name)
          .mount({ ...AT, cgroupNamespace })
          .every(({ from }) => from === "/mounts/6"),
      );
    }
  }
});
