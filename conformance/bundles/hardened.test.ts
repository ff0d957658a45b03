import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cgroupOf, e2e, merge, mountsOf, read, statusField, succeeded } from "../harness.ts";
import { example, running } from "./example.ts";
import { all, controller } from "./needs.ts";

const skip = all(controller("memory"), controller("pids"), controller("cpu"));
const NO_CAPABILITIES = "0".repeat(16);

/** Each line of the output: what was tried, and what came of it. */
const ATTEMPTS = `
try() { name=$1; shift; if "$@" >/dev/null 2>&1; then echo "$name: yes"; else echo "$name: no"; fi; }
try "write to the root directory" touch /file
try "write to /etc" touch /etc/file
try "write to /proc/sys" sh -c 'echo x >/proc/sys/kernel/hostname'
try "write to /sys" sh -c 'echo x >/sys/kernel/uevent_helper'
try "write to /tmp" touch /tmp/file
try "run a program in /tmp" sh -c 'cp /bin/busybox /tmp/true && /tmp/true'
try "see the interrupts" grep -q . /proc/interrupts
try "see the firmware" test -n "$(ls /sys/firmware)"
try "write to a masked file" sh -c 'echo x >/proc/keys'
try "become root" su -c true
try "mount" mount -t tmpfs tmpfs /mnt
try "make a device" mknod /tmp/null c 1 3
try "write to /dev/null" sh -c 'echo x >/dev/null'
`;

const OUTCOMES = `
write to the root directory: no
write to /etc: no
write to /proc/sys: no
write to /sys: no
write to /tmp: yes
run a program in /tmp: no
see the interrupts: no
see the firmware: no
write to a masked file: yes
become root: no
mount: no
make a device: no
write to /dev/null: yes
`;

e2e(
  "hardened: what the program may do",
  async (t, box) => {
    const c = await example(box, "hardened", running(ATTEMPTS));
    const { code, stdout } = await c.run();
    t.equal(code, 0);
    // A masked file is /dev/null: what is written to it is gone.
    t.equal(`\n${stdout}`, OUTCOMES);
  },
  { skip },
);

e2e(
  "hardened: even root finds the root directory read-only",
  async (t, box) => {
    const c = await example(box, "hardened", merge(running(ATTEMPTS), { process: { user: { uid: 0, gid: 0 } } }));
    const { stdout } = await c.run();
    t.match(stdout, "write to the root directory: no\nwrite to /etc: no\nwrite to /proc/sys: no\nwrite to /sys: no\n");
    t.match(stdout, "see the interrupts: no\n");
    t.match(stdout, "mount: no\nmake a device: no\n");
  },
  { skip },
);

e2e(
  "hardened: the process as the host sees it",
  async (t, box) => {
    const c = await example(box, "hardened");
    succeeded(t, await c.create(), "create");
    const pid = await c.pid();
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) {
      t.equal(statusField(pid, set), NO_CAPABILITIES, set);
    }
    t.equal(statusField(pid, "NoNewPrivs"), "1");
    t.equal(statusField(pid, "Uid"), Array(4).fill(1000).join("\t"));
    t.match(statusField(pid, "Umask"), "0027");
    t.equal(read(`/proc/${pid}/oom_score_adj`), "500\n");
    const limits = read(`/proc/${pid}/limits`) ?? "";
    t.match(limits, /^Max core file size +0 +0 /m);
    t.match(limits, /^Max open files +256 +256 /m);
    const root = mountsOf(pid).find(({ target }) => target === "/");
    t.ok(root?.options.includes("ro"), "the root directory is read-only");
    const masked = mountsOf(pid).find(({ target }) => target === "/proc/interrupts");
    t.equal(masked?.root, "/null", "masked by /dev/null");
    t.equal(Number(readFileSync(join(pidsCgroup(pid), "pids.max"), "utf8")), 32);
  },
  { skip },
);

function pidsCgroup(pid: number): string {
  try {
    return cgroupOf(pid, "pids");
  } catch {
    return cgroupOf(pid, "");
  }
}
