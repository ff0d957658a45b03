import { readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { test } from "tap";
import { cgroupOf, cgroupsNamed, e2e, mountsOf, namespaceOf, succeeded } from "../harness.ts";
import { PROJECT } from "../rootfs.ts";
import { example } from "./example.ts";
import { all, controller } from "./needs.ts";
import { noOrdinaryUser, ordinaryUser } from "./ordinary-user.ts";

const skip = all(controller("memory"), controller("pids"));
const needsRoot = process.geteuid?.() === 0 ? false : "needs root";

/** The row of a table with two values. */
function row(label: string, inside: string | number, outside: string | number): RegExp {
  const cell = (value: string | number) => String(value).replace(/[()]/g, "\\$&");
  return new RegExp(`^  ${label} {2,}${cell(inside)} {2,}${cell(outside)}$`, "m");
}

test("npm run hello, as root", { skip: needsRoot || skip }, async (t) => {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8");
  const hello = execa("node", ["--import=tsx", "conformance/hello.ts"], { cwd: PROJECT, reject: false });
  const { exitCode, stdout, stderr } = await hello;
  t.strictSame([exitCode, stderr], [0, ""]);
  t.match(stdout, row("hostname", "hello", hostname()));
  t.match(stdout, row("process id", 1, "[0-9]+"));
  t.match(stdout, row("processes", 1, "[0-9]+"));
  t.match(stdout, row("user ids", "as on the host", "as on the host"));
  t.match(stdout, row("root directory", "read-only", "writable"));
  t.match(stdout, row("memory limit", "64 MB", ".+"));
  t.match(stdout, row("capabilities", "4 of [0-9]+", "[0-9]+ of [0-9]+"));
  t.match(stdout, "The container had 6 namespaces of its own (pid, mnt, ipc, uts, net, cgroup)");
  t.match(stdout, /\n\n {2}bin\/tsoci explain -b bundles\/hello$/);
  t.equal(readFileSync("/proc/self/mountinfo", "utf8"), mounts);
  t.strictSame(
    cgroupsNamed((name) => name === `hello-${hello.pid}`),
    [],
  );
});

test("npm run hello, as an ordinary user", { skip: noOrdinaryUser }, async (t) => {
  const user = await ordinaryUser();
  t.teardown(() => user.remove());
  const { exitCode, stdout, stderr } = await user.run("node", ["conformance/hello.mjs"]);
  t.strictSame([exitCode, stderr], [0, ""]);
  t.match(stdout, row("process id", 1, "[0-9]+"));
  t.match(stdout, row("user id", 0, user.id));
  t.match(stdout, row("user ids", `0 is ${user.id} on the host`, "as on the host"));
  t.match(stdout, row("capabilities", "4 of [0-9]+", "0 of [0-9]+"));
  t.match(stdout, "The container had 7 namespaces of its own (pid, mnt, ipc, uts, net, cgroup, user)");
  t.match(stdout, /\n\n {2}bin\/tsoci explain -b bundles\/hello-rootless$/);
  const left = readdirSync(user.directory).filter((name) => name.startsWith("tsoci-hello-"));
  t.strictSame(left, [], "no temporary directory");
  const explained = await user.run("bin/tsoci", ["explain", "-b", "bundles/hello-rootless"]);
  t.match(explained.stdout, "exec env -i");
});

e2e(
  "hello: the container as the host sees it",
  async (t, box) => {
    const c = await example(box, "hello");
    succeeded(t, await c.create(), "create");
    const pid = await c.pid();
    for (const name of ["pid", "mnt", "ipc", "uts", "net", "cgroup"]) {
      t.not(namespaceOf(pid, name), namespaceOf("self", name), name);
    }
    t.equal(namespaceOf(pid, "user"), namespaceOf("self", "user"));
    const program = mountsOf(pid).find(({ target }) => target === "/opt");
    t.ok(program?.options.includes("ro"), "the program can't be changed from inside");
    t.equal(pidsLimit(pid), 32);
    succeeded(t, await c.start(), "start");
    await c.waitFor("stopped");
    succeeded(t, await c.delete(), "delete");
  },
  { skip },
);

function pidsLimit(pid: number): number {
  const controllers = readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(":pids:") ? "pids" : "";
  return Number(readFileSync(join(cgroupOf(pid, controllers), "pids.max"), "utf8"));
}
