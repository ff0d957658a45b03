import { readFile } from "node:fs/promises";
import { execa } from "execa";
import { type Box, e2e, namespaceOf, succeeded, type Test, until } from "../harness.ts";
import { ensureRootfs } from "../rootfs.ts";
import { example, running } from "./example.ts";
import { all, program } from "./needs.ts";

const INSIDE = "10.77.0.2";
const OUTSIDE = "10.77.0.1";

async function veth(): Promise<string | false> {
  const args = ["--net", "ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1"];
  const { exitCode, stderr } = await execa("unshare", args, { reject: false });
  return exitCode === 0 ? false : `needs a kernel with veth (virtual ethernet) interfaces: ${stderr}`;
}

const missing = all(program("ip"), program("nsenter"));
const skip = missing === false ? await veth() : missing;

/** The host of these tests is a network namespace, so that they can't disturb the real one, or each other. */
async function onHost(t: Test, body: (through: readonly string[]) => Promise<void>): Promise<void> {
  const host = execa("unshare", ["--net", "sleep", "60"], { reject: false });
  try {
    const pid = host.pid ?? 0;
    await until("a network namespace", () => namespaceOf(pid, "net") !== namespaceOf("self", "net"));
    const through = ["nsenter", "--net", "--target", String(pid)];
    await body(through);
    t.strictSame(await interfaces(through), ["lo"], "the interfaces are gone");
  } finally {
    host.kill("SIGKILL");
    await host;
  }
}

async function interfaces([file = "", ...args]: readonly string[]): Promise<string[]> {
  const { stdout } = await execa(file, [...args, "ip", "-brief", "link"]);
  return stdout.split("\n").map((line) => line.split(/[@ ]/)[0] ?? "");
}

async function ping([file = "", ...args]: readonly string[], address: string): Promise<string> {
  const busybox = `${await ensureRootfs()}/bin/busybox`;
  return (await execa(file, [...args, busybox, "ping", "-c", "1", "-w", "5", address], { reject: false })).stdout;
}

e2e(
  "network: host and container reach each other",
  (t, box) =>
    onHost(t, async (through) => {
      const c = await example(box, "network", running(`ping -c 1 -w 5 ${OUTSIDE}`));
      succeeded(t, await c.create([], { through }), "create");
      t.equal((await interfaces(through)).length, 2, "the hook made an interface");
      t.match(await ping(through, INSIDE), "1 packets received", "host → container");
      succeeded(t, await c.start({ through }), "start");
      await c.waitFor("stopped", 10_000);
      t.match(await outputOf(box), "1 packets received", "container → host");
      succeeded(t, await c.delete([], { through }), "delete");
    }),
  { skip },
);

/** The container writes to the file that `create` got as its standard output. */
async function outputOf(box: Box): Promise<string> {
  return await readFile(box.path("out", "0.out"), "utf8");
}

e2e(
  "network: in the foreground, as README.md says",
  (t, box) =>
    onHost(t, async (through) => {
      const { code, stdout, stderr } = await (await example(box, "network")).run([], { through });
      t.strictSame([code, stderr], [0, ""]);
      t.match(stdout, `inet ${INSIDE}/30`);
      t.match(stdout, "1 packets received");
    }),
  { skip },
);

e2e(
  "network: a second container is refused, and the first one keeps its network",
  (t, box) =>
    onHost(t, async (through) => {
      const first = await example(box, "network");
      const second = await example(box, "network");
      succeeded(t, await first.create([], { through }), "create");
      const { code, stderr } = await second.run([], { through });
      t.equal(code, 1);
      t.match(stderr, /^tsoci: run failed: \/hooks\/createRuntime\/0: [^\n]*10\.77\.0\.1 is taken[^\n]*\n$/);
      t.match(await ping(through, INSIDE), "1 packets received");
      succeeded(t, await first.delete(["--force"], { through }), "delete");
    }),
  { skip },
);
