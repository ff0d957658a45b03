/** Id-mapped mounts: the host maps them and hands them over. */
import { test } from "tap";
import type { Mount, Spec } from "../spec/generated/config.ts";
import { line } from "./cgroups/golden.ts";
import { handOverSources } from "./mount-sources.ts";
import { planMounts } from "./mounts.ts";
import { contextFor, type Situation } from "./testing/context.ts";

const MAPS = [
  { containerID: 0, hostID: 1000, size: 10 },
  { containerID: 10, hostID: 5000, size: 10 },
];
const USER = { namespaces: [{ type: "user" }, { type: "mount" }], uidMappings: MAPS, gidMappings: MAPS } as const;
const JOINED = { namespaces: [{ type: "user", path: "/proc/1/ns/user" }, { type: "mount" }] } as const;

function mount(option: string, more: Partial<Mount> = {}): Mount {
  return { destination: "/b", source: "/x", options: ["bind", option], ...more };
}

function handed(entry: Mount, linux: NonNullable<Spec["linux"]> = {}, situation: Situation = {}): string[] {
  return handOverSources(contextFor({ mounts: [entry], linux }, situation)).map(line);
}

const OWN = {
  uidMappings: [{ containerID: 1, hostID: 2, size: 3 }],
  gidMappings: [{ containerID: 4, hostID: 5, size: 6 }],
};
const FULL = JSON.stringify("0 1000 10\n10 5000 10\n").slice(1, -1);

test("whose mappings", async (t) => {
  const cases: readonly (readonly [string, Mount, NonNullable<Spec["linux"]>, string, string])[] = [
    ["the mount's", mount("idmap", OWN), {}, "uids=1 2 3\\n gids=4 5 6\\n", "slot=ids flags="],
    ["the mount's, unasked", mount("ro", OWN), USER, "uids=1 2 3\\n gids=4 5 6\\n", "slot=ids flags="],
    ["the container's", mount("ridmap"), USER, `uids=${FULL} gids=${FULL}`, "slot=ids flags=recursive"],
    ["the option's", mount("idmap=gids=4-5-6;uids=1-2-3"), {}, "uids=1 2 3\\n gids=4 5 6\\n", "slot=ids flags="],
    [
      "relative",
      mount("ridmap=uids=@1-12-3;gids=@0-0-1#7-7-1"),
      USER,
      "uids=1 5002 3\\n gids=0 1000 1\\n7 7 1\\n",
      "slot=ids flags=recursive",
    ],
  ];
  for (const [name, entry, linux, maps, idmap] of cases) {
    const [, namespace, map] = handed(entry, linux);
    t.equal(namespace?.replaceAll("\n", "\\n"), `user_namespace ${maps}`, name);
    t.equal(map, `idmap ${idmap}`, name);
  }
  t.equal(handed(mount("idmap"), JOINED)[1], "idmap slot=namespace_user flags=", "the joined namespace's own");
});

test("without a user namespace only mapped sources come from the host", async (t) => {
  const mounts = [mount("ro"), mount("idmap", OWN)];
  const context = contextFor({ mounts, linux: { namespaces: [{ type: "mount" }] } });
  t.match(handOverSources(context).map(line), [
    "tree path=/x flags=",
    /^user_namespace /,
    /^idmap /,
    "attributes set= clear= propagation=MS_SLAVE flags=recursive",
    "give slot=tree",
    "close slot=tree",
  ]);
  t.match(planMounts(context).map(line), [
    "tree path=/x flags=",
    /^attributes set=MOUNT_ATTR_RDONLY/,
    "attach target=/b flags=",
    "take slot=tree",
    "attach target=/b flags=",
  ]);
});

test("refused, by the entry", async (t) => {
  const at = "/mounts/0/options/1";
  const cases: readonly (readonly [Mount, NonNullable<Spec["linux"]>, string, RegExp])[] = [
    [mount("idmap"), {}, at, /needs mappings/],
    [mount("idmap=uids=1-2-3;gids=1-2-3", OWN), {}, at, /mappings already/],
    [mount("idmap=uids=1-2-3"), {}, at, /both/],
    [mount("idmap="), {}, at, /both/],
    [mount("idmap", { uidMappings: OWN.uidMappings, gidMappings: [] }), USER, at, /both/],
    [mount("idmap=uids=1-2-3-4;gids=1-2-3"), {}, at, /three numbers.*"1-2-3-4"/],
    [mount("idmap=ids=1-2-3"), {}, at, /"ids=1-2-3"/],
    [mount("idmap=uids=@1-8-3;gids=0-0-1"), USER, at, /no one mapping.*"@1-8-3"/],
  ];
  for (const [entry, linux, pointer, message] of cases) {
    t.throws(() => handed(entry, linux), { code: "config", pointer, message }, JSON.stringify(entry));
  }
  t.throws(() => handed(mount("idmap"), USER, { host: "v2-rootless" }), { code: "host", pointer: "/mounts/0" });
});
