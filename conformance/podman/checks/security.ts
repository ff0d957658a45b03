/** What the program may not do. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { read } from "../../harness/host.ts";
import type { Check } from "../verdict.ts";

const CHOWN = 1n << 0n;
const SYS_TIME = 1n << 25n;

/** The capabilities of a set, in the text of /proc/PID/status. */
function capabilities(status: string, set: string): bigint {
  const [, hex = ""] = new RegExp(`^Cap${set}:\\t(.*)$`, "m").exec(status) ?? [];
  return BigInt(`0x${hex}`);
}

const STATUS = "cat /proc/self/status";

export const SECURITY: readonly Check[] = [
  {
    name: "--read-only: the root, but not /tmp and volumes",
    body: async (podman) => {
      const script =
        "touch /x; touch /etc/x; touch /tmp/x /dev/shm/x && echo written; awk '$2==\"/\"{print $4}' /proc/mounts";
      const { code, stdout, stderr } = await podman.run(["--read-only"], ["sh", "-c", script]);
      assert.equal(code, 0);
      assert.match(stdout, /^written\nro\b/);
      assert.equal(stderr, "touch: /x: Read-only file system\ntouch: /etc/x: Read-only file system\n");
    },
  },
  {
    name: "--cap-drop all",
    body: async (podman) => {
      const status = await podman.output(["--cap-drop", "all"], STATUS);
      for (const set of ["Inh", "Prm", "Eff", "Bnd", "Amb"]) assert.equal(capabilities(status, set), 0n, set);
      const { code, stderr } = await podman.run(["--cap-drop", "all"], ["chown", "1000", "/tmp"]);
      assert.deepEqual({ code, stderr }, { code: 1, stderr: "chown: /tmp: Operation not permitted\n" });
    },
  },
  {
    name: "--cap-drop chown --cap-add sys_time",
    body: async (podman) => {
      const before = capabilities(await podman.output([], STATUS), "Eff");
      const status = await podman.output(["--cap-drop", "chown", "--cap-add", "sys_time"], STATUS);
      assert.equal(capabilities(status, "Eff"), (before & ~CHOWN) | SYS_TIME);
      assert.equal(capabilities(status, "Bnd"), (before & ~CHOWN) | SYS_TIME);
    },
  },
  {
    name: "--cap-add with --user: ambient",
    body: async (podman) => {
      const status = await podman.output(["--cap-add", "sys_time", "--user", "1000"], STATUS);
      assert.equal(capabilities(status, "Eff"), SYS_TIME);
      assert.equal(capabilities(status, "Amb"), SYS_TIME);
    },
  },
  {
    name: "--security-opt no-new-privileges",
    body: async (podman) => {
      assert.match(await podman.output(["--security-opt", "no-new-privileges"], STATUS), /^NoNewPrivs:\t1$/m);
      assert.match(await podman.output([], STATUS), /^NoNewPrivs:\t0$/m);
    },
  },
  {
    name: "default seccomp profile",
    body: async (podman) => {
      assert.match(await podman.output([], STATUS), /^Seccomp:\t2$/m);
      // A personality that the profile does not list; it needs no capability.
      const { code, stderr } = await podman.run([], ["linux64", "-R", "true"]);
      assert.equal(code, 1);
      assert.match(stderr, /^linux64: personality\(0x40000\): (Operation not permitted|Function not implemented)\n$/);
    },
  },
  {
    name: "--security-opt seccomp=unconfined",
    body: async (podman) => {
      const script = `${STATUS}; linux64 -R echo made`;
      const text = await podman.output(["--security-opt", "seccomp=unconfined"], script);
      assert.match(text, /^Seccomp:\t0$/m);
      assert.match(text, /^made$/m);
    },
  },
  {
    name: "--security-opt seccomp=FILE",
    body: async (podman) => {
      const file = join(podman.directory(), "profile.json");
      const rules = [
        { names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 95 },
        { names: ["sethostname"], action: "SCMP_ACT_KILL_PROCESS" },
      ];
      writeFileSync(file, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls: rules }));
      const flags = ["--security-opt", `seccomp=${file}`];
      const directory = await podman.run(flags, ["mkdir", "/x"]);
      assert.deepEqual(
        { code: directory.code, stderr: directory.stderr },
        { code: 1, stderr: "mkdir: can't create directory '/x': Operation not supported\n" },
      );
      const killed = await podman.run([...flags, "--init"], ["hostname", "x"]);
      assert.equal(killed.code, 128 + 31);
    },
  },
  {
    name: "--privileged: all capabilities, no filter, no masks, devices",
    body: async (podman) => {
      const text = await podman.output(["--privileged"], `${STATUS}; ls /dev; awk '{print $2}' /proc/mounts`);
      // All that Podman has itself: for an ordinary user, all of a user namespace.
      if (!podman.rootless) assert.equal(capabilities(text, "Eff"), capabilities(read("/proc/1/status") ?? "", "Bnd"));
      assert.ok((capabilities(text, "Eff") & SYS_TIME) !== 0n);
      assert.match(text, /^Seccomp:\t0$/m);
      assert.match(text, /^kmsg$/m);
      assert.doesNotMatch(text, /^\/proc\/(kcore|sys)$/m);
    },
  },
  {
    name: "masked and read-only paths, and unmask=ALL",
    body: async (podman) => {
      const script = "ls /sys/firmware | wc -l; wc -c </proc/timer_list; echo 1 >/proc/sys/vm/drop_caches";
      const { code, stdout, stderr } = await podman.run([], ["sh", "-c", script]);
      assert.deepEqual({ code, stdout }, { code: 1, stdout: "0\n0\n" });
      assert.match(stderr, /drop_caches: Read-only file system\n$/);
      assert.doesNotMatch(await podman.output(["--security-opt", "unmask=ALL"], "cat /proc/mounts"), / \/proc\/\S+ /);
    },
  },
  {
    name: "--sysctl",
    body: async (podman) => {
      const flags = ["--sysctl", "kernel.msgmax=9000", "--sysctl", "net.ipv4.ip_default_ttl=33"];
      assert.equal(
        await podman.output(flags, "cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_default_ttl"),
        "9000\n33\n",
      );
    },
  },
  {
    name: "--device: by another name, and no device that was not asked for",
    body: async (podman) => {
      assert.equal(
        await podman.output(["--device", "/dev/zero:/dev/nought:r"], "head -c 3 /dev/nought | wc -c"),
        "3\n",
      );
      if (podman.rootless) return;
      const script = "mknod /tmp/kmsg c 1 11; head -c 1 /tmp/kmsg";
      const { code, stderr } = await podman.run(["--cap-add", "mknod"], ["sh", "-c", script]);
      assert.deepEqual({ code, stderr }, { code: 1, stderr: "head: /tmp/kmsg: Operation not permitted\n" });
    },
  },
];
