import t from "tap";
import { MOUNT_OPTIONS, type MountOptions, mountOptionNames, parseMountOptions } from "./mount-options.ts";

const NOTHING: MountOptions = {
  bind: undefined,
  remount: false,
  flags: [],
  recursiveSet: [],
  recursiveClear: [],
  set: [],
  clear: [],
  propagation: [],
  data: [],
  extensions: [],
};

const ATIME = "MOUNT_ATTR__ATIME";

/** Every option by itself, and what differs from NOTHING. */
const ALONE: Readonly<Record<string, Partial<MountOptions>>> = {
  defaults: {},
  bind: { bind: "bind" },
  rbind: { bind: "rbind" },
  remount: { remount: true },

  sync: { flags: ["MS_SYNCHRONOUS"] },
  async: {},
  dirsync: { flags: ["MS_DIRSYNC"] },
  mand: { flags: ["MS_MANDLOCK"] },
  nomand: {},
  iversion: { flags: ["MS_I_VERSION"] },
  noiversion: {},
  lazytime: { flags: ["MS_LAZYTIME"] },
  nolazytime: {},
  silent: { flags: ["MS_SILENT"] },
  loud: {},
  rsync: { flags: ["MS_SYNCHRONOUS"] },
  rasync: {},
  rdirsync: { flags: ["MS_DIRSYNC"] },
  rmand: { flags: ["MS_MANDLOCK"] },
  rnomand: {},

  ro: { set: ["MOUNT_ATTR_RDONLY"] },
  rw: { clear: ["MOUNT_ATTR_RDONLY"] },
  nosuid: { set: ["MOUNT_ATTR_NOSUID"] },
  suid: { clear: ["MOUNT_ATTR_NOSUID"] },
  nodev: { set: ["MOUNT_ATTR_NODEV"] },
  dev: { clear: ["MOUNT_ATTR_NODEV"] },
  noexec: { set: ["MOUNT_ATTR_NOEXEC"] },
  exec: { clear: ["MOUNT_ATTR_NOEXEC"] },
  nodiratime: { set: ["MOUNT_ATTR_NODIRATIME"] },
  diratime: { clear: ["MOUNT_ATTR_NODIRATIME"] },
  nosymfollow: { set: ["MOUNT_ATTR_NOSYMFOLLOW"] },
  symfollow: { clear: ["MOUNT_ATTR_NOSYMFOLLOW"] },
  noatime: { set: ["MOUNT_ATTR_NOATIME"], clear: [ATIME] },
  atime: { clear: [ATIME] },
  relatime: { clear: [ATIME] },
  norelatime: {},
  strictatime: { set: ["MOUNT_ATTR_STRICTATIME"], clear: [ATIME] },
  nostrictatime: { clear: [ATIME] },

  rro: { recursiveSet: ["MOUNT_ATTR_RDONLY"] },
  rrw: { recursiveClear: ["MOUNT_ATTR_RDONLY"] },
  rnosuid: { recursiveSet: ["MOUNT_ATTR_NOSUID"] },
  rsuid: { recursiveClear: ["MOUNT_ATTR_NOSUID"] },
  rnodev: { recursiveSet: ["MOUNT_ATTR_NODEV"] },
  rdev: { recursiveClear: ["MOUNT_ATTR_NODEV"] },
  rnoexec: { recursiveSet: ["MOUNT_ATTR_NOEXEC"] },
  rexec: { recursiveClear: ["MOUNT_ATTR_NOEXEC"] },
  rnodiratime: { recursiveSet: ["MOUNT_ATTR_NODIRATIME"] },
  rdiratime: { recursiveClear: ["MOUNT_ATTR_NODIRATIME"] },
  rnosymfollow: { recursiveSet: ["MOUNT_ATTR_NOSYMFOLLOW"] },
  rsymfollow: { recursiveClear: ["MOUNT_ATTR_NOSYMFOLLOW"] },
  rnoatime: { recursiveSet: ["MOUNT_ATTR_NOATIME"], recursiveClear: [ATIME] },
  ratime: { recursiveClear: [ATIME] },
  rrelatime: { recursiveClear: [ATIME] },
  rnorelatime: {},
  rstrictatime: { recursiveSet: ["MOUNT_ATTR_STRICTATIME"], recursiveClear: [ATIME] },
  rnostrictatime: { recursiveClear: [ATIME] },

  private: { propagation: [["MS_PRIVATE"]] },
  rprivate: { propagation: [["MS_REC", "MS_PRIVATE"]] },
  slave: { propagation: [["MS_SLAVE"]] },
  rslave: { propagation: [["MS_REC", "MS_SLAVE"]] },
  shared: { propagation: [["MS_SHARED"]] },
  rshared: { propagation: [["MS_REC", "MS_SHARED"]] },
  unbindable: { propagation: [["MS_UNBINDABLE"]] },
  runbindable: { propagation: [["MS_REC", "MS_UNBINDABLE"]] },

  tmpcopyup: { extensions: ["tmpcopyup"] },
  idmap: { extensions: ["idmap"] },
  ridmap: { extensions: ["ridmap"] },
  "copy-symlink": { extensions: ["copy-symlink"] },
  "src-nofollow": { extensions: ["src-nofollow"] },
  "dest-nofollow": { extensions: ["dest-nofollow"] },
};

t.test("every option by itself", (t) => {
  for (const [option, expected] of Object.entries(ALONE)) {
    t.same(parseMountOptions([option]), { ...NOTHING, ...expected }, option);
  }
  t.same([...MOUNT_OPTIONS.keys()].sort(), Object.keys(ALONE).sort(), "no option is left out of this test");
  t.end();
});

const TOGETHER: readonly (readonly [readonly string[], Partial<MountOptions>])[] = [
  [[], {}],
  [["ro", "rw"], { clear: ["MOUNT_ATTR_RDONLY"] }],
  [["rw", "ro"], { set: ["MOUNT_ATTR_RDONLY"] }],
  [["sync", "async"], {}],
  [["rbind", "bind"], { bind: "bind" }],
  [["bind", "rprivate"], { bind: "bind", propagation: [["MS_REC", "MS_PRIVATE"]] }],
  [["slave", "shared"], { propagation: [["MS_SLAVE"], ["MS_SHARED"]] }],
  // Access times: one number.
  [["noatime", "strictatime"], { set: ["MOUNT_ATTR_STRICTATIME"], clear: [ATIME] }],
  [["strictatime", "relatime"], { clear: [ATIME] }],
  [["strictatime", "atime"], { set: ["MOUNT_ATTR_STRICTATIME"], clear: [ATIME] }],
  [["noatime", "atime"], { clear: [ATIME] }],
  [["relatime", "norelatime"], {}],
  [["noatime", "norelatime"], { set: ["MOUNT_ATTR_NOATIME"], clear: [ATIME] }],
  [["noatime", "nodiratime"], { set: ["MOUNT_ATTR_NODIRATIME", "MOUNT_ATTR_NOATIME"], clear: [ATIME] }],
  // The mount alone and all below it.
  [["rro", "rw"], { recursiveSet: ["MOUNT_ATTR_RDONLY"], clear: ["MOUNT_ATTR_RDONLY"] }],
  [["rw", "rro"], { recursiveSet: ["MOUNT_ATTR_RDONLY"] }],
  [["strictatime", "rnoatime"], { recursiveSet: ["MOUNT_ATTR_NOATIME"], recursiveClear: [ATIME] }],
  [["noatime", "rnorelatime"], { set: ["MOUNT_ATTR_NOATIME"], clear: [ATIME] }],
  // What no one here knows is the filesystem's.
  [
    ["nosuid", "mode=755", "size=64k", "", "acl", "ro,nosuid"],
    { set: ["MOUNT_ATTR_NOSUID"], data: ["mode=755", "size=64k", "acl", "ro,nosuid"] },
  ],
  [
    ["idmap=uids=0-1-10;gids=0-1-10", "idmapped"],
    { extensions: ["idmap=uids=0-1-10;gids=0-1-10"], data: ["idmapped"] },
  ],
  [["constructor", "__proto__", "RO"], { data: ["constructor", "__proto__", "RO"] }],
];

t.test("options together", (t) => {
  for (const [options, expected] of TOGETHER) {
    t.same(parseMountOptions(options), { ...NOTHING, ...expected }, options.join(","));
  }
  t.end();
});

/** Options that the table of the specification calls MUST. */
const MUST = `async atime bind defaults dev diratime dirsync exec iversion lazytime loud noatime nodev nodiratime noexec
  noiversion nolazytime norelatime nostrictatime nosuid private rbind relatime remount ro rprivate rshared rslave
  runbindable rw shared silent slave strictatime suid sync unbindable`.split(/\s+/);

t.test("names for features", (t) => {
  const names = mountOptionNames();
  t.same(names, [...names].sort());
  t.same(
    MUST.filter((name) => !names.includes(name)),
    [],
  );
  for (const name of ["idmap", "ridmap", "tmpcopyup", "copy-symlink"]) t.ok(names.includes(name), name);
  t.end();
});
