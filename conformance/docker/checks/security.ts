/** What the program may not do. */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { without } from "../../harness/cgroups.ts";
import type { Check } from "../../harness/checks.ts";
import type { Docker } from "../caller.ts";
import { ALL, capabilities, STATUS } from "../capabilities.ts";

const CHOWN = 1n << 0n;
const SYS_TIME = 1n << 25n;
/** CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE, NET_RAW, SYS_CHROOT, MKNOD, AUDIT_WRITE, SETFCAP */
const DEFAULT = 0xa80425fbn;

const noFuse = () => without("devices") || (existsSync("/dev/fuse") ? false : "this host has no /dev/fuse");

/** Opens a device, and says what came of it. */
const use = (path: string) => `dd if=${path} count=0 2>&1 | head -n1`;

export const SECURITY: readonly Check<Docker>[] = [
  {
    name: "run: Docker's default capabilities",
    body: async (docker) => {
      const status = await docker.output([], STATUS);
      for (const set of ["Prm", "Eff", "Bnd"]) assert.equal(capabilities(status, set), DEFAULT, set);
      assert.equal(capabilities(status, "Amb"), 0n);
    },
  },
  {
    name: "run --cap-drop all",
    body: async (docker) => {
      const status = await docker.output(["--cap-drop", "all"], STATUS);
      for (const set of ["Inh", "Prm", "Eff", "Bnd", "Amb"]) assert.equal(capabilities(status, set), 0n, set);
      const { code, stderr } = await docker.run(["--cap-drop", "all"], ["chown", "1000", "/tmp"]);
      assert.deepEqual({ code, stderr }, { code: 1, stderr: "chown: /tmp: Operation not permitted\n" });
    },
  },
  {
    name: "run --cap-drop chown --cap-add sys_time",
    body: async (docker) => {
      const status = await docker.output(["--cap-drop", "chown", "--cap-add", "sys_time"], STATUS);
      for (const set of ["Eff", "Bnd"]) assert.equal(capabilities(status, set), (DEFAULT & ~CHOWN) | SYS_TIME, set);
    },
  },
  {
    name: "run --user: no capability is left to an ordinary user",
    body: async (docker) => {
      const status = await docker.output(["--user", "1000"], STATUS);
      assert.equal(capabilities(status, "Eff"), 0n);
      assert.equal(capabilities(status, "Bnd"), DEFAULT);
    },
  },
  {
    name: "run: Docker's default seccomp profile",
    body: async (docker) => {
      assert.match(await docker.output([], STATUS), /^Seccomp:\t2$/m);
      const refused = "unshare -U true 2>&1; linux64 -R true 2>&1; echo works";
      assert.equal(
        await docker.output([], refused),
        "unshare: unshare(0x10000000): Operation not permitted\nlinux64: personality(0x40000): Operation not permitted\nworks\n",
      );
    },
  },
  {
    name: "run --security-opt seccomp=unconfined",
    body: async (docker) => {
      const text = await docker.output(["--security-opt", "seccomp=unconfined"], `${STATUS}; linux64 -R echo made`);
      assert.match(text, /^Seccomp:\t0$/m);
      assert.match(text, /^made$/m);
    },
  },
  {
    name: "run --security-opt seccomp=FILE",
    body: async (docker) => {
      const file = docker.path("profile.json");
      const syscalls = [
        { names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 95 },
        { names: ["sethostname"], action: "SCMP_ACT_KILL_PROCESS" },
      ];
      writeFileSync(file, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls }));
      const flags = ["--security-opt", `seccomp=${file}`];
      const { code, stderr } = await docker.run(flags, ["mkdir", "/x"]);
      assert.deepEqual(
        { code, stderr },
        { code: 1, stderr: "mkdir: can't create directory '/x': Operation not supported\n" },
      );
      assert.equal((await docker.run([...flags, "--init"], ["hostname", "x"])).code, 128 + 31);
    },
  },
  {
    name: "run --security-opt no-new-privileges",
    body: async (docker) => {
      assert.match(await docker.output(["--security-opt", "no-new-privileges"], STATUS), /^NoNewPrivs:\t1$/m);
      assert.match(await docker.output([], STATUS), /^NoNewPrivs:\t0$/m);
    },
  },
  {
    name: "run --privileged: all capabilities, no filter, no masks, devices, mount",
    body: async (docker) => {
      const script = `${STATUS}; ls /dev; awk '{print $2}' /proc/mounts; mount -t tmpfs none /mnt && echo mounted`;
      const text = await docker.output(["--privileged"], script);
      assert.equal(capabilities(text, "Eff") & ALL, ALL);
      assert.match(text, /^Seccomp:\t0$/m);
      assert.match(text, /^kmsg$/m);
      assert.match(text, /^mounted$/m);
      assert.doesNotMatch(text, /^\/proc\/(kcore|sys)$/m);
    },
  },
  {
    name: "run --device: and no device that was not asked for",
    skip: noFuse,
    body: async (docker) => {
      const flags = ["--device", "/dev/fuse", "--device", "/dev/zero:/dev/nought:r"];
      const script = `${use("/dev/fuse")}; head -c 3 /dev/nought | wc -c`;
      assert.equal(await docker.output(flags, script), "0+0 records in\n3\n");
      const text = await docker.output([], `mknod /fuse c 10 229; ${use("/fuse")}`);
      assert.equal(text, "dd: can't open '/fuse': Operation not permitted\n");
    },
  },
  {
    name: "run --device-cgroup-rule: the device may be made and used",
    skip: noFuse,
    body: async (docker) => {
      const script = `mknod /fuse c 10 229; ${use("/fuse")}`;
      assert.equal(await docker.output(["--device-cgroup-rule", "c 10:229 rmw"], script), "0+0 records in\n");
    },
  },
];
