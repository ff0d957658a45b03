/** SCMP_ACT_NOTIFY (config-linux.md, "Seccomp" and "The Container Process State"): an agent answers for the kernel. */
import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { compileSeccomp } from "../../src/linux/seccomp/compile.ts";
import type { SeccompSyscall } from "../../src/spec/generated/config.ts";
import {
  type Box,
  type Config,
  type Dialogue,
  dialogue,
  e2e,
  type Json,
  nothingLeft,
  program,
  refused,
  script,
  sleeper,
  succeeded,
} from "../harness.ts";

const MKDIR = { names: ["mkdir", "mkdirat"], action: "SCMP_ACT_NOTIFY" } as const;
/** EDOM, in the words of musl and glibc: what the agent answers to mkdir(2). */
const ANSWER = /out of domain|Domain error/;

/** A filter that somebody compiled. */
function compiled(...rules: readonly SeccompSyscall[]): string {
  const { filter } = compileSeccomp({ defaultAction: "SCMP_ACT_ALLOW", syscalls: rules }, { arch: process.arch });
  return Buffer.from(filter).toString("base64");
}

interface Agent extends Dialogue {
  readonly socket: string;
  readonly state: () => Promise<Record<string, unknown>>;
}

async function agent(box: Box, name: string): Promise<Agent> {
  const socket = box.path(name);
  const listening = dialogue(await program("agent"), [socket], box);
  await listening.says("listening");
  const state = async () => {
    await listening.says("rest=0\n");
    return JSON.parse(/^state=(.*)$/m.exec(listening.output())?.[1] ?? "") as Record<string, unknown>;
  };
  return { ...listening, socket, state };
}

function notifying(listenerPath: string | undefined, syscalls: Json, more: Config = {}): Config {
  const path = listenerPath === undefined ? {} : { listenerPath };
  return { linux: { seccomp: { defaultAction: "SCMP_ACT_ALLOW", syscalls, ...path, ...more } } };
}

e2e("create and start: the agent gets the state at start, and answers", async (t, box) => {
  const { socket, state, says, output, ended } = await agent(box, "agent");
  const change = notifying(socket, [MKDIR], { listenerMetadata: 'a "b" @@pid@@' });
  const c = box.container(script("mkdir /x; sleep 1000", { ...change, annotations: { "org.example": "@@pid@@" } }));
  succeeded(t, await c.create(), "create");
  t.equal(output(), "listening\n", "no connection waits for the start");
  const pid = await c.pid();
  succeeded(t, await c.start(), "start");
  t.same(await state(), {
    ociVersion: "1.3.0",
    fds: ["seccompFd"],
    pid,
    metadata: 'a "b" @@pid@@',
    state: {
      ociVersion: "1.3.0",
      id: c.id,
      status: "created",
      pid,
      bundle: c.bundle,
      annotations: { "org.example": "@@pid@@" },
    },
  });
  succeeded(t, await c.delete(["--force"]), "delete");
  await says("nobody is left");
  t.equal(await ended(), 0, "no descriptor of the listener is left in the container or in tsoci");
});

e2e("run, with a path below the bundle, every flag, and calls of init's own that are told of", async (t, box) => {
  for (const noNewPrivileges of [true, false]) {
    const { socket, state, says } = await agent(box, `agent-${noNewPrivileges}`);
    const names = ["sendmsg", "recvmsg", "execve", "close_range", "capset", "rt_sigaction", "write"];
    const change = notifying(undefined, [MKDIR, { names, action: "SCMP_ACT_NOTIFY" }], {
      listenerPath: `../../../../../../..${socket}`,
      flags: [
        "SECCOMP_FILTER_FLAG_TSYNC",
        "SECCOMP_FILTER_FLAG_LOG",
        "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
        "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
      ],
    });
    const c = box.container(script("mkdir /x; echo $?; ls /proc/self/fd", { ...change, process: { noNewPrivileges } }));
    const { code, stdout, stderr } = await c.run();
    t.equal(code, 0, stderr);
    t.match(stderr, ANSWER);
    t.equal(stdout, "1\n0\n1\n2\n3\n", "no descriptor but those of ls");
    t.notOk("metadata" in (await state()));
    await says("told of execve");
    await says("nobody is left");
  }
});

e2e("every call of the container is told of", async (t, box) => {
  const { socket, says } = await agent(box, "agent");
  const change = { linux: { seccomp: { defaultAction: "SCMP_ACT_NOTIFY", listenerPath: socket } } };
  const c = box.container(script("mkdir /x; echo done", change));
  const { stdout, stderr } = await c.run();
  t.equal(stdout, "done\n", stderr);
  t.match(stderr, ANSWER);
  await says("nobody is left");
});

e2e("exec: the process's own listener", async (t, box) => {
  const first = await agent(box, "agent");
  const c = box.container(sleeper(notifying(first.socket, [MKDIR])));
  succeeded(t, await c.run(["-d"]), "run");
  await first.state();
  const missing = await c.exec(["true"]);
  // The socket is there, and nobody listens on it any more.
  refused(
    t,
    missing,
    `exec failed: /linux/seccomp/listenerPath: connect to ${first.socket}: connection refused`,
    "exec",
    255,
  );
  t.equal(await c.status(), "running");
});

e2e("exec: the state names the process and the container's init", async (t, box) => {
  const link = box.path("link");
  const first = await agent(box, "first");
  const c = box.container(sleeper(notifying(link, [MKDIR])));
  symlinkSync(first.socket, link);
  succeeded(t, await c.run(["-d"]), "run");
  const second = await agent(box, "second");
  rmSync(link);
  symlinkSync(second.socket, link);
  const pidFile = box.path("pid");
  const { stderr, code } = await c.exec(["mkdir", "/x"], undefined, ["--pid-file", pidFile]);
  t.equal(code, 1);
  t.match(stderr, ANSWER);
  t.match(await second.state(), {
    fds: ["seccompFd"],
    pid: Number(readFileSync(pidFile, "utf8")),
    state: { id: c.id, status: "running", pid: await c.pid(), bundle: c.bundle },
  });
});

e2e("an agent that is not there: nothing is started", async (t, box) => {
  const path = box.path("nobody");
  const message = `/linux/seccomp/listenerPath: connect to ${path}: no such file or directory`;
  const c = box.container(sleeper(notifying(path, [MKDIR])));
  refused(t, await c.run(["-d"]), `run failed: ${message}`, "run");
  await nothingLeft(t, box);
  succeeded(t, await c.create(), "create");
  refused(t, await c.start(), message, "start");
  t.equal(await c.status(), "stopped");
  succeeded(t, await c.delete(), "delete");
});

e2e("crun's annotations", async (t, box) => {
  const { socket, state } = await agent(box, "agent");
  const annotations = { "run.oci.seccomp.receiver": socket };
  const c = box.container(script("mkdir /x", { ...notifying(undefined, [MKDIR]), annotations }));
  t.match((await c.run()).stderr, ANSWER);
  t.match(await state(), { fds: ["seccompFd"], state: { annotations } });

  const given = (data: string) => ({ "run.oci.seccomp_bpf_data": data });
  const rule = { ...MKDIR, action: "SCMP_ACT_ERRNO", errnoRet: 28 } as const;
  // Instead of the profile, which would refuse with EPERM.
  const profile = {
    ...notifying(undefined, [{ ...MKDIR, action: "SCMP_ACT_ERRNO" }]),
    annotations: given(compiled(rule)),
  };
  t.match((await box.container(script("mkdir /x", profile)).run()).stderr, /No space left on device/);
  const other = await agent(box, "other");
  const asking = { ...annotations, ...given(compiled(MKDIR)), "run.oci.seccomp.receiver": other.socket };
  t.match((await box.container(script("mkdir /x", { annotations: asking })).run()).stderr, ANSWER);
  await other.state();
  refused(
    t,
    await box.container(script("true", { annotations: given(compiled(MKDIR)) })).create(),
    "create failed: /linux/seccomp/listenerPath: is required with SCMP_ACT_NOTIFY",
    "nobody to ask",
  );
  for (const [data, message] of [
    ["BgAAAAAA/38", "must be base64"],
    ["BgAAAAAA", "must be 1 to 4096 instructions of 8 bytes each, not 6 bytes"],
  ] as const) {
    const bad = box.container(script("true", { annotations: given(data) }));
    refused(t, await bad.create(), `create failed: /annotations/run.oci.seccomp_bpf_data: ${message}`, data);
  }

  const strict = { "run.oci.seccomp_fail_unknown_syscall": "1" };
  const unknown = notifying(undefined, [{ names: ["mkdir", "nosuch"], action: "SCMP_ACT_ERRNO" }]);
  t.equal((await box.container(script("true", unknown)).run()).code, 0);
  refused(
    t,
    await box.container(script("true", { ...unknown, annotations: strict })).create(),
    /^create failed: \/linux\/seccomp\/syscalls\/0\/names\/1: no system call "nosuch" on /,
    "strict",
  );
  refused(
    t,
    await box.container(script("true", { annotations: { "run.oci.seccomp.plugins": "/x.so" } })).create(),
    /^create failed: \/annotations\/run.oci.seccomp.plugins: /,
    "plugins",
  );
});
