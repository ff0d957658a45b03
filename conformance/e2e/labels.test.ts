/** Labels of security modules: process.apparmorProfile, process.selinuxLabel, linux.mountLabel. */
import { existsSync } from "node:fs";
import { baseConfig, e2e, sleeper, succeeded } from "../harness.ts";

const apparmor = existsSync("/sys/kernel/security/apparmor") || existsSync("/sys/module/apparmor/parameters/enabled");
const selinux = existsSync("/sys/fs/selinux/enforce");
const labelled = { apparmorProfile: "tsoci-no-such-profile", selinuxLabel: "a:b:c:d" };

e2e(
  "labels of modules that the host does not have are left out with a warning",
  async (t, box) => {
    const c = box.container(baseConfig({ process: labelled, linux: { mountLabel: "a:b:c:d" } }));
    const { code, stderr } = await c.run();
    t.equal(code, 0);
    t.strictSame(
      stderr.split("\n").filter((line) => line !== ""),
      [
        "tsoci: warning: /linux/mountLabel: SELinux is not enabled on this host; the label is left out",
        "tsoci: warning: /process/apparmorProfile: AppArmor is not enabled on this host; the label is left out",
        "tsoci: warning: /process/selinuxLabel: SELinux is not enabled on this host; the label is left out",
      ],
    );
  },
  { skip: apparmor || selinux ? "this host has one of the modules" : false },
);

e2e(
  "exec --apparmor and --process-label",
  async (t, box) => {
    const c = box.container(sleeper());
    succeeded(t, await c.run(["-d"]), "run");
    const { code, stderr } = await c.exec(["true"], undefined, ["--apparmor", "x", "--process-label=a:b:c:d"]);
    t.equal(code, 0);
    t.strictSame(
      stderr.split("\n").filter((line) => line !== ""),
      [
        "tsoci: warning: /process/apparmorProfile: AppArmor is not enabled on this host; the label is left out",
        "tsoci: warning: /process/selinuxLabel: SELinux is not enabled on this host; the label is left out",
      ],
    );
  },
  { skip: apparmor || selinux ? "this host has one of the modules" : false },
);

e2e(
  "a profile that AppArmor does not know is an error",
  async (t, box) => {
    const c = box.container(baseConfig({ process: { apparmorProfile: labelled.apparmorProfile } }));
    const { code, stderr } = await c.run();
    t.equal(code, 1);
    t.match(stderr, /^tsoci: run failed: \/process\/apparmorProfile: .*"exec tsoci-no-such-profile": no such file/);
  },
  { skip: apparmor ? false : "this host has no AppArmor" },
);

e2e(
  "a label that SELinux does not know is an error",
  async (t, box) => {
    const c = box.container(baseConfig({ process: { selinuxLabel: labelled.selinuxLabel } }));
    const { code, stderr } = await c.run();
    t.equal(code, 1);
    t.match(stderr, /^tsoci: run failed: \/process\/selinuxLabel: .*"a:b:c:d": invalid argument/);
  },
  { skip: selinux ? false : "this host has no SELinux" },
);
