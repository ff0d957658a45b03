import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { e2e, namespaceOf, read, statusField, succeeded } from "../harness.ts";
import { mappedTo, readExample } from "../rootfs.ts";
import { example } from "./example.ts";
import { namespace } from "./needs.ts";
import { noOrdinaryUser, ordinaryUser } from "./ordinary-user.ts";

const SAID = (outside: number, size: number) =>
  new RegExp(`^uid=0\\(root\\) gid=0\\(root\\).*\\ninside outside how-many\\n +0 +${outside} +${size}\\n?$`);

e2e(
  "user-namespace: root inside",
  async (t, box) => {
    const c = await example(box, "user-namespace");
    const { code, stdout, stderr } = await c.run();
    t.strictSame([code, stderr], [0, ""]);
    t.match(stdout, SAID(100_000, 65_536));
  },
  { skip: namespace("user") },
);

e2e(
  "user-namespace: nobody in particular outside",
  async (t, box) => {
    const c = await example(box, "user-namespace");
    succeeded(t, await c.create(), "create");
    const pid = await c.pid();
    t.equal(statusField(pid, "Uid"), Array(4).fill(100_000).join("\t"));
    t.equal(statusField(pid, "Gid"), Array(4).fill(100_000).join("\t"));
    t.match(read(`/proc/${pid}/uid_map`), /^ +0 +100000 +65536\n$/);
    t.not(namespaceOf(pid, "user"), namespaceOf("self", "user"));
    succeeded(t, await c.delete(["--force"]), "delete");
  },
  { skip: namespace("user") },
);

e2e(
  "user-namespace: what root makes inside belongs to nobody in particular outside",
  async (t, box) => {
    const shared = box.path("shared");
    mkdirSync(shared);
    chmodSync(shared, 0o777);
    const mounts = [
      { destination: "/dev", type: "tmpfs", source: "tmpfs" },
      { destination: "/mnt", type: "bind", source: shared, options: ["bind"] },
    ];
    const process = { args: ["sh", "-c", "touch /mnt/root; touch /mnt/user && chown 1000:1000 /mnt/user"] };
    const c = await example(box, "user-namespace", { mounts, process });
    succeeded(t, await c.run(), "run");
    t.match(statSync(join(shared, "root")), { uid: 100_000, gid: 100_000 });
    t.match(statSync(join(shared, "user")), { uid: 101_000, gid: 101_000 });
  },
  { skip: namespace("user") },
);

test("user-namespace: as an ordinary user", { skip: noOrdinaryUser }, async (t) => {
  const user = await ordinaryUser();
  t.teardown(() => user.remove());
  const config = join(user.directory, "config.json");
  writeFileSync(config, JSON.stringify(mappedTo(await readExample("user-namespace"), user.id, user.id)));
  const root = ["--root", join(user.directory, "state")];
  const args = [...root, "run", "--bundle", "bundles/user-namespace", "--config", config, `user-${process.pid}`];
  const { exitCode, stdout, stderr } = await user.run("bin/tsoci", args);
  t.strictSame([exitCode, stderr], [0, ""]);
  t.match(stdout, SAID(user.id, 1));
  t.strictSame((await user.run("bin/tsoci", [...root, "list", "--quiet"])).stdout, "");
});
