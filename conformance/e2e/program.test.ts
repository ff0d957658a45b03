/** process (config.md): the program, its environment and working directory, and what it finds around it. */
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { output } from "../harness/output.ts";
import { baseConfig, type Config, e2e, MOUNTS, nothingLeft, refused, script, sleeper, succeeded } from "../harness.ts";

/** Whatever the usual container has. */
const NO_CAPABILITIES = { bounding: undefined, effective: undefined, permitted: undefined };

e2e("the environment: as given, the last of duplicates, HOME from passwd", async (t, box) => {
  const env = (list: string[], user: Config = { uid: 0, gid: 0 }) =>
    output(box, 'echo "$A|$B|$HOME|$PATH"', { env: ["PATH=/bin", ...list], user });
  t.equal(await env(["A=1", "B=x=y z", "A=2"]), "2|x=y z|/root|/bin\n");
  t.equal(await env(["HOME=/given", "A="]), "||/given|/bin\n");
  t.equal(await env([], { uid: 1000, gid: 1000 }), "||/home/user|/bin\n");
  t.equal(await env([], { uid: 4242, gid: 0 }), "||/|/bin\n", "nobody in passwd");
});

e2e("without PATH the program is looked for in the usual places", async (t, box) => {
  const c = box.container(baseConfig({ process: { args: ["sh", "-c", "exit 5"], env: [] } }));
  t.equal((await c.run()).code, 5);
});

e2e("cwd", async (t, box) => {
  t.equal(await output(box, "pwd; readlink /proc/self/cwd", { cwd: "/tmp" }), "/tmp\n/tmp\n");
  t.equal(
    await output(box, "pwd; stat -c '%a %u' /made", { cwd: "/made/for/this" }),
    "/made/for/this\n755 0\n",
    "made when missing",
  );
  const c = box.container(sleeper({ process: { cwd: "/etc/passwd" } }));
  const message = 'create failed: /process/cwd: chdir to cwd ("/etc/passwd") set in config.json: not a directory';
  refused(t, await c.create(), message, "a file");
  refused(
    t,
    await box.container(sleeper({ process: { cwd: "tmp" } })).create(),
    /^create failed: \/process\/cwd: /,
    "relative",
  );
  await nothingLeft(t, box);
});

e2e("a cwd that only the user may enter, and one that the user may not", async (t, box) => {
  const prepare = (uid: number) => (rootfs: string) =>
    execFileSync("sh", ["-c", `mkdir -m 700 ${rootfs}/own && chown ${uid} ${rootfs}/own`]);
  const config = script("pwd", {
    process: { cwd: "/own", user: { uid: 1000, gid: 1000 }, capabilities: NO_CAPABILITIES },
  });
  t.match(await box.container(config, prepare(1000)).run(), { code: 0, stdout: "/own\n" });
  refused(
    t,
    await box.container(config, prepare(0)).run(),
    /^run failed: \/process\/cwd: .*permission denied$/,
    "of another user",
  );
});

e2e("a cwd through descriptors of the runtime or the caller stays in the container", async (t, box) => {
  const text =
    "readlink /proc/self/cwd; ls -d ../../../../../../../bin/busybox; ls -d ../../../../../../../boot 2>/dev/null; true";
  for (let number = 3; number < 20; number++) {
    const c = box.container(script(text, { process: { cwd: `/proc/self/fd/${number}` } }));
    const { code, stdout, stderr } = await c.run([], { through: ["sh", "-c", 'exec 9</; exec "$0" "$@"'] });
    if (code === 0) t.match(stdout, /^\/.*\n[./]+\/bin\/busybox\n$/, `descriptor ${number}: inside`);
    else t.match(stderr, /^tsoci: run failed: \/process\/cwd: [^\n]+\n$/, `descriptor ${number}: refused`);
  }
});

e2e("programs that can't be executed are refused by create, and by name", async (t, box) => {
  const prepare = (rootfs: string) => {
    const file = (name: string, content: string | Buffer, mode: number) =>
      writeFileSync(join(rootfs, name), content, { mode });
    file("plain", "#!/bin/sh\n", 0o644);
    file("nosuch", "#!/bin/missing\n", 0o755);
    file("crlf", "#!/bin/sh\r\necho\r\n", 0o755);
    file("garbage", "no format\n", 0o755);
    file("empty", "", 0o755);
    file("elf", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), 0o755);
  };
  const at = "/process/args/0: exec: ";
  const cases: [string, string | RegExp, "create" | "start"][] = [
    ["/nothere", `${at}"/nothere": stat /nothere: no such file or directory`, "create"],
    ["nothere", `${at}"nothere": executable file not found in $PATH`, "create"],
    ["/plain", `${at}"/plain": permission denied`, "create"],
    ["/etc", `${at}"/etc": is a directory: permission denied`, "create"],
    ["/etc/passwd/x", /exec: "\/etc\/passwd\/x": .*not a directory$/, "create"],
    ["/nosuch", /exec: "\/nosuch": .*\/bin\/missing.*no such file or directory$/, "start"],
    ["/crlf", /exec: "\/crlf": its first line ends in a carriage return \(CRLF\): no such file or directory$/, "start"],
    ["/garbage", /exec: "\/garbage": .*exec format error/, "start"],
    ["/empty", /exec: "\/empty": .*exec format error/, "start"],
    ["/elf", /exec: "\/elf": .*exec format error/, "start"],
  ];
  for (const [file, message, when] of cases) {
    const c = box.container(baseConfig({ process: { args: [file] } }), prepare);
    const created = await c.create();
    if (when === "create") {
      const expected = typeof message === "string" ? `create failed: ${message}` : message;
      refused(t, created, expected, file);
      t.notOk(existsSync(join(box.root, c.id)), file);
      continue;
    }
    succeeded(t, created, file);
    refused(t, await c.start(), message, `start ${file}`);
    t.equal(await c.status(), "stopped", `${file}: stopped after the failed start`);
    succeeded(t, await c.delete(), `${file}: plain delete`);
  }
});

e2e("what tsoci does not do yet is refused by name", async (t, box) => {
  const remount = { destination: "/dev", type: "tmpfs", options: ["remount", "size=1m"] };
  const outcome = await box.container(sleeper({ mounts: [...MOUNTS, remount] })).create();
  const entry = `/mounts/${MOUNTS.length}/options (remount with options of the filesystem)`;
  refused(t, outcome, `create failed: not supported yet: ${entry}`, "remount");
});

e2e("hostname, domainname and sysctls belong to the container", async (t, box) => {
  const sysctl = { "net.ipv4.ip_forward": "1", "kernel/msgmax": "4242", "net.ipv4.ping_group_range": "1 2" };
  const text =
    "hostname; cat /proc/sys/kernel/domainname /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ping_group_range";
  const before = execFileSync("sh", ["-c", text], { encoding: "utf8" });
  const change = { hostname: "of-the-container", domainname: "example.org", linux: { sysctl } };
  t.equal(await output(box, text, {}, change), "of-the-container\nexample.org\n1\n4242\n1\t2\n");
  t.equal(execFileSync("sh", ["-c", text], { encoding: "utf8" }), before, "the host's are as before");
  const bad = async (entry: Config, message: RegExp) =>
    refused(t, await box.container(sleeper({ linux: { sysctl: entry } })).create(), message, JSON.stringify(entry));
  await bad({ "kernel.panic": "1" }, /^create failed: \/linux\/sysctl\/kernel\.panic: /);
  await bad(
    { "net.ipv4.nosuch": "1" },
    /^create failed: \/linux\/sysctl\/net\.ipv4\.nosuch: .*no such file or directory$/,
  );
  await bad({ "net/../kernel/panic": "1" }, /^create failed: \/linux\/sysctl\/net~1/);
});

e2e("a time namespace shifts the clocks", async (t, box) => {
  const namespaces = ["time", "pid", "mount", "uts", "ipc", "network"].map((type) => ({ type }));
  const timeOffsets = { boottime: { secs: 1_000_000, nanosecs: 0 }, monotonic: { secs: 5 } };
  const uptime = Number(execFileSync("cut", ["-d", " ", "-f1", "/proc/uptime"], { encoding: "utf8" }));
  const inside = Number(await output(box, "cut -d ' ' -f1 /proc/uptime", {}, { linux: { namespaces, timeOffsets } }));
  t.ok(Math.abs(inside - uptime - 1_000_000) < 60, `${inside} is ${uptime} and a million`);
});
