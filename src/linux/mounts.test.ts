/** mounts: options and types to operations. */
import { test } from "tap";
import type { Mount, Spec } from "../spec/generated/config.ts";
import { line } from "./cgroups/golden.ts";
import { bindsDev, isMounted, mountTarget } from "./mount-entries.ts";
import { handOverSources } from "./mount-sources.ts";
import { planMounts, planReadonlyMounts } from "./mounts.ts";
import { contextFor, type Situation } from "./testing/context.ts";

const MAPS = [{ containerID: 0, hostID: 1000, size: 10 }];
const USER = { namespaces: [{ type: "user" }, { type: "mount" }], uidMappings: MAPS, gidMappings: MAPS } as const;

function planned(mount: Mount, linux: NonNullable<Spec["linux"]> = {}, situation: Situation = {}): string[] {
  return planMounts(contextFor({ mounts: [mount], linux }, situation)).map(line);
}

test("the host's message queues in a user namespace are made by the host", async (t) => {
  const mount: Mount = { destination: "/dev/mqueue", type: "mqueue", options: ["nosuid"] };
  const context = contextFor({ mounts: [mount], linux: USER }, { host: "v2" });
  t.match(handOverSources(context).map(line), [
    "filesystem type=mqueue source=mqueue",
    "give slot=tree",
    "close slot=tree",
  ]);
  t.match(planMounts(context).map(line), [
    "take slot=tree",
    /^attributes set=MOUNT_ATTR_NOSUID /,
    /^attach target=.dev.mqueue /,
  ]);
  const joined = { ...USER, namespaces: [...USER.namespaces, { type: "ipc", path: "/proc/1/ns/ipc" }] } as const;
  t.match(planned(mount, joined), [/ or_bind= /]);
});

test("as many mounts as a configuration holds: nobody waits for the square of them", async (t) => {
  const mounts = Array.from({ length: 20_000 }, (_, index): Mount => {
    return { destination: `/m${index}`, type: "tmpfs", options: ["ro"] };
  });
  t.equal(planMounts(contextFor({ mounts })).length, mounts.length);
  const filled: Mount[] = [...mounts, { destination: "/m7/below/deep", type: "tmpfs" }];
  t.match(planReadonlyMounts(contextFor({ mounts: filled })).map(line), ["open_mount target=/m7", /^attributes/]);
});

test("destinations are absolute, and stay in the container", async (t) => {
  const cases = [
    ["/a", "/a"],
    ["a/b", "/a/b"],
    ["/a/../../b/", "/b"],
    ["//a//./b", "/a/b"],
    ["/", "/"],
    ["/..", "/"],
  ] as const;
  for (const [given, target] of cases) t.equal(mountTarget(given), target, given);
});

const PROC = "mount type=proc source=proc target=/proc flags= set=";

const FILESYSTEMS: readonly (readonly [string, Mount, readonly string[]])[] = [
  [
    "proc never goes through links",
    { destination: "/proc", type: "proc" },
    [`${PROC} data= or_bind= options=no_links`],
  ],
  [
    "attributes of the mount, data of the filesystem, flags of the superblock",
    { destination: "/t", type: "tmpfs", source: "x", options: ["nosuid", "ro", "size=1k", "sync", "mode=755"] },
    [
      "mount type=tmpfs source=x target=/t flags=MS_SYNCHRONOUS set=MOUNT_ATTR_NOSUID,MOUNT_ATTR_RDONLY " +
        "data=size=1k,mode=755 or_bind= options=keep_mode",
    ],
  ],
  [
    "a filesystem on a device is read-only as a whole",
    { destination: "/d", type: "ext4", source: "/dev/sda1", options: ["ro"] },
    ["mount type=ext4 source=/dev/sda1 target=/d flags=MS_RDONLY set=MOUNT_ATTR_RDONLY data= or_bind= options="],
  ],
  [
    "propagation comes after, one change after the other",
    { destination: "/t", type: "tmpfs", options: ["rslave", "shared"] },
    [
      "mount type=tmpfs source=tmpfs target=/t flags= set= data= or_bind= options=keep_mode",
      "attributes set= clear= propagation=MS_SLAVE flags=recursive",
      "attributes set= clear= propagation=MS_SHARED flags=",
    ],
  ],
  [
    "tmpcopyup",
    { destination: "/etc", type: "tmpfs", options: ["tmpcopyup"] },
    ["mount type=tmpfs source=tmpfs target=/etc flags= set= data= or_bind= options=copy_up,keep_mode"],
  ],
];

const BINDS: readonly (readonly [string, Mount, readonly string[]])[] = [
  [
    "a bind mount: the source counts from the bundle",
    { destination: "/b", source: "dir", options: ["bind"] },
    ["tree path=/bundle/dir flags=", "attach target=/b flags="],
  ],
  [
    "by its type alone",
    { destination: "/b", type: "rbind", source: "/x" },
    ["tree path=/x flags=recursive", "attach target=/b flags="],
  ],
  [
    "its attributes are set before anyone can see it",
    { destination: "/b", source: "/x", options: ["rbind", "ro", "rnosuid", "rprivate"] },
    [
      "tree path=/x flags=recursive",
      "attributes set=MOUNT_ATTR_NOSUID clear= propagation= flags=recursive",
      "attributes set=MOUNT_ATTR_RDONLY clear= propagation= flags=",
      "attach target=/b flags=",
      "attributes set= clear= propagation=MS_PRIVATE flags=recursive",
    ],
  ],
  [
    "a link itself",
    { destination: "/b", source: "/x", options: ["bind", "src-nofollow"] },
    ["tree path=/x flags=no_follow", "attach target=/b flags="],
  ],
  [
    "on a link itself",
    { destination: "/b", source: "/x", options: ["bind", "dest-nofollow"] },
    ["tree path=/x flags=", "attach target=/b flags=no_follow"],
  ],
  [
    "a link made anew",
    { destination: "/b", source: "/x", options: ["bind", "copy-symlink"] },
    ["tree path=/x flags=no_follow", "attach target=/b flags=copy_link"],
  ],
  [
    "over /proc, and files in it that are known to be safe",
    { destination: "/proc", source: "/x", options: ["bind"] },
    ["tree path=/x flags=", "attach target=/proc flags=over_proc"],
  ],
  [
    "in /proc",
    { destination: "/proc/uptime", source: "/x", options: ["bind"] },
    ["tree path=/x flags=", "attach target=/proc/uptime flags=in_proc"],
  ],
  [
    "remount changes what is there",
    { destination: "/b", options: ["remount", "bind", "ro", "nodev"] },
    ["open_mount target=/b", "attributes set=MOUNT_ATTR_RDONLY,MOUNT_ATTR_NODEV clear= propagation= flags="],
  ],
];

for (const [name, mount, expected] of [...FILESYSTEMS, ...BINDS]) {
  test(name, async (t) => {
    t.same(planned(mount), expected);
  });
}

const REFUSED: readonly (readonly [Mount, string, string])[] = [
  [{ destination: "/b", options: ["bind"] }, "config", "/mounts/0"],
  [{ destination: "/b", source: "x" }, "config", "/mounts/0"],
  [{ destination: "/proc/sys", source: "/x", options: ["bind"] }, "config", "/mounts/0/destination"],
  [{ destination: "x/../proc/self/attr", type: "tmpfs" }, "config", "/mounts/0/destination"],
  [{ destination: "/", type: "tmpfs", options: ["tmpcopyup"] }, "config", "/mounts/0/options"],
  [{ destination: "/b", type: "proc", options: ["ro", "tmpcopyup"] }, "config", "/mounts/0/options"],
  [{ destination: "/b", type: "tmpfs", options: ["idmap"] }, "config", "/mounts/0/options"],
  [{ destination: "/b", type: "tmpfs", options: ["copy-symlink"] }, "config", "/mounts/0/options"],
  [
    { destination: "/b", source: "/x", options: ["bind", "copy-symlink", "src-nofollow"] },
    "config",
    "/mounts/0/options",
  ],
  [{ destination: "/b", type: "tmpfs", options: ["remount", "size=1k"] }, "unsupported", "/mounts/0/options"],
];

test("refused, by the entry", async (t) => {
  for (const [mount, code, pointer] of REFUSED)
    t.throws(() => planned(mount), { code, pointer }, JSON.stringify(mount));
});

test("in a user namespace the host's proc, sysfs and mqueue are bound where new ones are refused", async (t) => {
  const bound = (
    type: string,
    more: NonNullable<NonNullable<Spec["linux"]>["namespaces"]> = [],
    host: Situation["host"] = "v1",
  ) => {
    const linux = { ...USER, namespaces: [...USER.namespaces, ...more] };
    const [first = ""] = planned({ destination: `/${type}`, type }, linux, { host });
    return /or_bind=(\S*)/.exec(first)?.[1];
  };
  t.equal(bound("proc"), "/proc");
  t.equal(bound("proc", [{ type: "pid" }]), "");
  t.equal(bound("sysfs"), "/sys");
  t.equal(bound("sysfs", [{ type: "network" }]), "");
  t.equal(bound("mqueue", [], "v2-rootless"), "/dev/mqueue");
  t.equal(bound("mqueue", [{ type: "ipc", path: "/proc/1/ns/ipc" }]), "", "not the host's queues");
  t.equal(bound("sysfs", [{ type: "network", path: "/proc/1/ns/net" }]), "/sys");
  t.equal(bound("mqueue", [{ type: "ipc" }]), "");
  t.equal(bound("tmpfs"), "");
});

test("in a user namespace the host opens the sources, in the order in which init takes them", async (t) => {
  const mounts: Mount[] = [
    { destination: "/a", source: "/a", options: ["bind"] },
    { destination: "/t", type: "tmpfs" },
    { destination: "/b", source: "/b", options: ["rbind"] },
    { destination: "/b", options: ["remount", "bind", "ro"] },
  ];
  const context = contextFor({ mounts, linux: USER });
  const slave = "attributes set= clear= propagation=MS_SLAVE flags=recursive";
  t.same(handOverSources(context).map(line), [
    "tree path=/a flags=",
    slave,
    "give slot=tree",
    "close slot=tree",
    "tree path=/b flags=recursive",
    slave,
    "give slot=tree",
    "close slot=tree",
  ]);
  const taken = planMounts(context).filter(({ op }) => op === "take");
  t.same(
    taken.map(({ from }) => from),
    ["/mounts/0", "/mounts/2"],
  );
  t.same(handOverSources(contextFor({ mounts, linux: USER }, { host: "v2-rootless" })), [], "an ordinary user can't");
});

test("what is mounted where", async (t) => {
  const context = contextFor({ mounts: [{ destination: "dev/", source: "/dev", options: ["rbind"] }] });
  t.equal(bindsDev(context), true);
  t.equal(isMounted(context, "/dev"), true);
  t.equal(isMounted(context, "/proc"), false);
  t.equal(bindsDev(contextFor({ mounts: [{ destination: "/dev", type: "tmpfs" }] })), false);
});
