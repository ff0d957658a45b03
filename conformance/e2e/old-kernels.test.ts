/**
 * Kernels without the newer system calls, and filters of seccomp that refuse them: a container is the same there, or is
 * refused with the name of what is missing.
 */
import { chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Box,
  type Config,
  type Container,
  e2e,
  merge,
  mounts,
  type Outcome,
  program,
  script,
  written,
} from "../harness.ts";

const TYPES = ["pid", "network", "ipc", "uts", "mount", "cgroup"];

/** What the container tells about itself: all that could differ where mounts were made in another way. */
const LOOK = [
  "id",
  "stat -c '%A %u %g %t:%T %n' /data /data/below /etc/file /tmp /dev/null /dev/fd /proc/kcore",
  "cat /data/file /data/below/file /etc/file",
  "touch /data/new /data/below/new /plain/new /etc/file /etc/new /tmp/new /proc/sys/kernel/hostname",
  "head -c 1 /proc/keys | wc -c",
  "ls -a /sys/firmware | wc -l",
  "cut -d' ' -f4- /proc/self/mountinfo | sed 's/ master:[0-9]*/ master/; s/ shared:[0-9]*/ shared/' | sort",
  "echo end",
].join("\n");

/** With binds of every kind, one of which has a mount below it. */
function usual(box: Box): Config {
  return mounts(
    { destination: "/data", source: box.path("data"), options: ["rbind", "ro", "nosuid", "noexec"] },
    { destination: "/plain", source: box.path("data"), options: ["bind", "rw", "nodev"] },
    { destination: "/etc/file", source: box.path("data", "file"), options: ["bind", "rro"] },
    { destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["ro", "mode=1777", "size=1m"] },
  );
}

const HIDDEN: Config = {
  linux: {
    maskedPaths: ["/proc/keys", "/proc/kcore", "/sys/firmware", "/proc/acpi"],
    readonlyPaths: ["/proc/sys", "/proc/bus"],
  },
};

const MAPPED: Config = {
  linux: {
    namespaces: ["user", ...TYPES].map((type) => ({ type })),
    uidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
    gidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
  },
};

const HARDENED: Config = {
  ...HIDDEN,
  root: { path: "rootfs", readonly: true },
  process: { capabilities: {}, user: { uid: 1000, gid: 1000 } },
};

const BUNDLES: Readonly<Record<string, readonly Config[]>> = {
  default: [],
  "user namespace": [MAPPED, HIDDEN],
  hardened: [HARDENED],
  "hardened in a user namespace": [MAPPED, HARDENED],
};

/** The binds' source, and where mounts go. */
function prepare(box: Box) {
  mkdirSync(box.path("data", "below"), { recursive: true });
  for (const file of ["file", "below/file"]) writeFileSync(box.path("data", file), `${file}\n`);
  return (rootfs: string) => {
    for (const name of ["data", "plain", "tmp", "etc"]) mkdirSync(join(rootfs, name), { recursive: true });
    for (const name of ["", "data", "plain", "etc"]) chownSync(join(rootfs, name), 100000, 100000);
  };
}

/** Newer than the oldest kernel that tsoci is for, and the others: those only a filter takes away. */
const SINCE_5_6 = ["openat2", "faccessat2", "close_range", "mount_setattr"];
const BEFORE = ["fsopen", "move_mount", "open_tree", "clone3", "memfd_create", "pidfd_open", "pidfd_send_signal"];

type Lacking = Readonly<{ error: "ENOSYS" | "EPERM"; calls: readonly string[] }>;

const EACH: readonly Lacking[] = (["ENOSYS", "EPERM"] as const).flatMap((error) =>
  [...[...SINCE_5_6, ...BEFORE].map((call) => [call]), SINCE_5_6].map((calls) => ({ error, calls })),
);

/** What can't be done in another way: by the call that is missing, the commands that fail with its name. */
function needed({ error, calls: [call = ""] }: Lacking, userNamespace: boolean): readonly string[] {
  if (call === "memfd_create") return ["create"];
  if (call === "pidfd_open") return ["exec", "kill", "delete"];
  if (call === "pidfd_send_signal") return ["kill", "delete"];
  // The C library falls back from ENOSYS alone.
  if (call === "clone3" && error === "EPERM") return ["create"];
  // The runtime hands trees of the host to the user namespace.
  return call === "open_tree" && userNamespace ? ["create"] : [];
}

interface Step {
  readonly what: string;
  readonly code: number | undefined;
  readonly stderr: string;
  readonly stdout: string;
}

/** Everything that a container goes through, up to the first command that fails. */
async function life(c: Container, through: readonly string[]): Promise<Step[]> {
  const options = { through };
  const steps: Step[] = [];
  const note = (what: string, { code, stderr, stdout }: Outcome) => {
    const plain = (text: string) => text.replaceAll(c.bundle, "BUNDLE");
    steps.push({ what, code, stderr: plain(stderr), stdout: plain(stdout) });
    return code === 0;
  };
  const created = await c.create([], options);
  if (!note("create", created)) return steps;
  if (note("start", await c.start(options))) {
    const output = await written(created.files.stdout, (text) => text.endsWith("end\n"));
    note("the program", { ...created, stdout: output, stderr: readFileSync(created.files.stderr, "utf8") });
    note("exec", await c.exec(["sh", "-c", LOOK], options));
    note("kill", await c.kill("KILL", options));
  }
  note("delete", await c.delete(["--force"], options));
  return steps;
}

for (const [name, changes] of Object.entries(BUNDLES)) {
  e2e(`${name}: without newer system calls`, async (t, box) => {
    const without = await program("without");
    const c = box.container(changes.reduce(merge, script(`${LOOK}\nexec sleep 1000`, usual(box))), prepare(box));
    const expected = await life(c, []);
    t.strictSame(
      expected.filter(({ code }) => code !== 0),
      [],
      "with all system calls",
    );
    for (const lacking of EACH) {
      const { error, calls } = lacking;
      const refused = needed(lacking, changes.includes(MAPPED));
      const what = `${calls.join(", ")}: ${error}`;
      const steps = await life(c, [without, error, calls.join(",")]);
      t.strictSame(
        steps.filter((step) => !refused.includes(step.what)),
        refused.includes("create") ? [] : expected.filter((step) => !refused.includes(step.what)),
        what,
      );
      const names = new RegExp(`^tsoci: [^\\n]*${calls[0]} \\(Linux [^\\n]+\\n$`);
      for (const step of steps.filter((each) => refused.includes(each.what))) {
        t.match(step, { code: step.what === "exec" ? 255 : 1, stderr: names }, `${what}: ${step.what} is refused`);
      }
    }
  });
}
