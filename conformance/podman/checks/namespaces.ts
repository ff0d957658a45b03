/** Namespaces: own, the host's, another container's; ids in user namespaces; networks. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { namespaceOf, read, statusField } from "../../harness/host.ts";
import type { Podman } from "../caller.ts";
import { noSlirp } from "../needs.ts";
import type { Check } from "../verdict.ts";
import { USER } from "../world.ts";

/** Podman's flags by the namespace's file in /proc. */
const FLAGS = { ipc: "ipc", net: "network", pid: "pid", uts: "uts" } as const;
const FILES = Object.keys(FLAGS) as readonly (keyof typeof FLAGS)[];

/** The parts of a line of a map. */
function map(pid: number, file: "uid_map" | "gid_map"): string[] {
  const text = (read(`/proc/${pid}/${file}`) ?? "").trim();
  return text.split("\n").map((line) => line.trim().replaceAll(/ +/g, " "));
}

async function idsOf(podman: Podman, flags: readonly string[]) {
  const name = await podman.background(flags);
  const pid = await podman.pid(name);
  return { uid: statusField(pid, "Uid")?.split("\t")[0], uids: map(pid, "uid_map"), gids: map(pid, "gid_map") };
}

export const NAMESPACES: readonly Check[] = [
  {
    name: "namespaces of its own",
    body: async (podman) => {
      const pid = await podman.pid(await podman.background());
      for (const file of ["mnt", ...FILES]) assert.notEqual(namespaceOf(pid, file), namespaceOf("self", file), file);
      assert.equal(namespaceOf(pid, "user") === namespaceOf("self", "user"), !podman.rootless);
    },
  },
  {
    name: "--ipc --network --pid --uts host",
    body: async (podman) => {
      const flags = FILES.filter((file) => file !== "ipc" || !podman.rootless).flatMap((file) => [
        `--${FLAGS[file]}`,
        "host",
      ]);
      const pid = await podman.pid(await podman.background(flags));
      for (const file of FILES.filter((name) => flags.includes(`--${FLAGS[name]}`))) {
        assert.equal(namespaceOf(pid, file), namespaceOf("self", file), file);
      }
    },
  },
  {
    name: "--ipc --network --pid --uts container:NAME",
    body: async (podman) => {
      const first = await podman.background();
      const flags = FILES.flatMap((file) => [`--${FLAGS[file]}`, `container:${first}`]);
      const second = await podman.background(flags);
      const [one, other] = [await podman.pid(first), await podman.pid(second)];
      for (const file of FILES) assert.equal(namespaceOf(other, file), namespaceOf(one, file), file);
      assert.notEqual(namespaceOf(other, "mnt"), namespaceOf(one, "mnt"));
      await podman.ok(["stop", "--time", "0", second]);
      assert.match(await podman.ok(["exec", first, "ps"]), /sleep 1000/, "the first one goes on");
    },
  },
  {
    name: "--uidmap --gidmap",
    body: async (podman) => {
      const flags = ["--uidmap", "0:1000:10", "--gidmap", "0:2000:10"];
      const ids = await idsOf(podman, flags);
      if (podman.rootless) assert.equal(ids.uid, `${2_000_000 + 1000 - 1}`);
      else assert.deepEqual(ids, { uid: "1000", uids: ["0 1000 10"], gids: ["0 2000 10"] });
      assert.equal(await podman.output(flags, "touch /x; stat -c '%u %g' /x /etc/passwd"), "0 0\n0 0\n");
    },
  },
  {
    name: "--userns auto",
    body: async (podman) => {
      const { uid, uids } = await idsOf(podman, ["--userns", "auto:size=2000"]);
      assert.match(uids.join(), /^0 \d+ 2000$/);
      assert.ok(Number(uid) >= (podman.rootless ? 2_000_000 : 3_000_000), `the host's uid is ${uid}`);
    },
  },
  {
    name: "--userns keep-id: the caller's own id",
    skip: ({ rootless }) => (rootless ? false : "for ordinary users"),
    body: async (podman) => {
      assert.equal((await idsOf(podman, ["--userns", "keep-id"])).uid, `${USER.id}`);
      const directory = podman.directory();
      const script = "id -u; touch /v/x; stat -c %u /v /v/x";
      const flags = ["--userns", "keep-id", "-v", `${directory}:/v`];
      assert.equal(await podman.output(flags, script), `${USER.id}\n${USER.id}\n${USER.id}\n`);
    },
  },
  {
    name: "--userns container:NAME",
    body: async (podman) => {
      const first = await podman.background(["--userns", "auto:size=2000"]);
      const second = await podman.background(["--userns", `container:${first}`]);
      assert.equal(namespaceOf(await podman.pid(second), "user"), namespaceOf(await podman.pid(first), "user"));
      assert.match(await podman.ok(["exec", second, "cat", "/proc/self/uid_map"]), /^ +0 +\d+ +2000\n$/);
    },
  },
  {
    name: "--network none: only loopback",
    body: async (podman) => {
      assert.match(await podman.output([], "ip -o link"), /^1: lo:[^\n]*\n$/);
    },
  },
  {
    name: "--network slirp4netns: an address and a route",
    skip: () => noSlirp || (existsSync("/dev/net/tun") ? false : "this host has no /dev/net/tun"),
    body: async (podman) => {
      const text = await podman.output(["--network", "slirp4netns"], "ip -o addr; ip route");
      assert.match(text, /tap0 +inet 10\.0\.2\.100\/24/);
      assert.match(text, /default via 10\.0\.2\.2 dev tap0/);
    },
  },
];
