import { execa } from "execa";
import { type Box, e2e, namespaceOf, succeeded, type Test, until } from "../harness.ts";
import { ensureRootfs } from "../rootfs.ts";
import { example, running } from "./example.ts";
import { all, program } from "./needs.ts";

const INSIDE = "10.77.0.2";
const OUTSIDE = "10.77.0.1";
const INTERFACE = "tsoci-host0";

async function veth(): Promise<string | false> {
  const { exitCode } = await execa("unshare", ["--net", "ip", "link", "add", "a", "type", "veth"], { reject: false });
  return exitCode === 0 ? false : "needs a kernel with veth (virtual ethernet) interfaces";
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
    t.notOk(await exists(through), "the interface is gone");
  } finally {
    host.kill("SIGKILL");
    await host;
  }
}

async function exists([file = "", ...args]: readonly string[]): Promise<boolean> {
  return (await execa(file, [...args, "ip", "link", "show", INTERFACE], { reject: false })).exitCode === 0;
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
      t.ok(await exists(through), "the hook made the interface");
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
  const { readFile } = await import("node:fs/promises");
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
  "network: a hook that fails leaves nothing behind",
  (t, box) =>
    onHost(t, async (through) => {
      const [file = "", ...args] = through;
      await execa(file, [...args, "ip", "link", "add", INTERFACE, "type", "dummy"]);
      const { code, stderr } = await (await example(box, "network")).run([], { through });
      t.equal(code, 1);
      t.match(stderr, /^tsoci: run failed: \/hooks\/createRuntime\/0: [^\n]*File exists[^\n]*\n$/);
    }),
  { skip },
);
