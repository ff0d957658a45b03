/** The standard streams that callers give. */
import { e2e, merge, script, sleeper, succeeded } from "../harness.ts";

/** containerd's descriptor of /dev/null, which is open for reading alone, takes the place of all three. */
const NULLS = ["sh", "-c", 'exec "$@" </dev/null 1</dev/null 2</dev/null', "sh"];
const TALK = "! read line && echo out && echo err >&2";

const ids = [{ containerID: 0, hostID: 100000, size: 65536 }];
const mapped = {
  linux: {
    namespaces: ["pid", "ipc", "uts", "mount", "user", "network"].map((type) => ({ type })),
    uidMappings: ids,
    gidMappings: ids,
  },
};

for (const [what, change] of Object.entries({ "": {}, " in a user namespace": mapped })) {
  e2e(`output goes to a /dev/null that the caller has open for reading${what}`, async (t, box) => {
    const user = { process: { user: { uid: 1000, gid: 1000 } } };
    const run = box.container(merge(script(TALK, user), change));
    t.equal((await run.run([], { through: NULLS })).code, 0, "run");
    const c = box.container(merge(sleeper(), change));
    succeeded(t, await c.create(), "create");
    succeeded(t, await c.start(), "start");
    t.equal((await c.exec(["sh", "-c", TALK], { through: NULLS })).code, 0, "exec");
  });
}
