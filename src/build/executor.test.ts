/**
 * Rules of the executor that a compiler does not know: short functions, nothing on the heap, and no look-up of a path by
 * name but where somebody has said why it is safe.
 */
import { test } from "tap";
import { callsOf, executorSources, functionsOf } from "./testing/c-source.ts";

const LONGEST_FUNCTION = 60;
const LARGEST_FILE = 300;

const sources = executorSources();

test(`functions of at most ${LONGEST_FUNCTION} lines, files of at most ${LARGEST_FILE}`, async (t) => {
  let count = 0;
  let lines = 0;
  for (const [file, text] of sources) {
    const functions = functionsOf(text);
    count += functions.length;
    lines += text.split("\n").length - 1;
    t.ok(text.split("\n").length <= LARGEST_FILE, `${file} has ${text.split("\n").length} lines`);
    const long = functions.filter((candidate) => candidate.lines > LONGEST_FUNCTION);
    t.same(long, [], file);
  }
  t.ok(count > 100, "the functions have been found");
  t.comment(`the executor: ${sources.size} files, ${lines} lines, ${count} functions`);
});

test("nothing is allocated on the heap", async (t) => {
  const allocators = [
    "malloc",
    "calloc",
    "realloc",
    "reallocarray",
    "strdup",
    "strndup",
    "asprintf",
    "getline",
    "free",
  ];
  for (const [file, text] of sources) t.same(callsOf(text, allocators), [], file);
});

/** They follow symbolic links, and start at the root or the working directory of the moment. */
const BY_NAME = (
  "open creat stat lstat mkdir mknod unlink rmdir rename symlink link readlink chmod chown lchown access truncate " +
  "umount umount2 chdir execve execv execvp statfs statvfs opendir realpath mkfifo fopen"
).split(" ");

/**
 * Who may look up a path that is not a constant, and why no container can lead it astray. Everything else goes through
 * root.c (below the root filesystem), procfs.c (below the private procfs), or single components with O_NOFOLLOW.
 */
const MAY_LOOK_UP: Readonly<Record<string, { readonly calls: readonly string[]; readonly because: string }>> = {
  "cgroup.c": { calls: ["open", "mkdir"], because: "cgroupfs of the host, from the host" },
  "cgroup_tree.c": { calls: ["open", "rmdir", "stat"], because: "cgroupfs of the host, from the host" },
  "clone.c": { calls: ["open"], because: "a cgroup of the host, before the clone" },
  "container.c": { calls: ["open", "access", "unlink"], because: "the state directory, which is its owner's" },
  "device.c": { calls: ["open"], because: "a device of the host, before the root is entered; it is verified" },
  "device_filter.c": { calls: ["open"], because: "cgroupfs of the host, from the host" },
  "events.c": { calls: ["open", "access"], because: "files of cgroupfs, from the host" },
  "freezer.c": { calls: ["open"], because: "a file of cgroupfs, from the host" },
  "files.c": {
    calls: ["open", "mkdir", "lstat", "unlink", "rmdir", "rename", "lchown"],
    because: "files of the host, from the host",
  },
  "filesystem.c": { calls: ["open"], because: "what is bound instead is the host's, before the root is entered" },
  "hook.c": { calls: ["execve"], because: "hooks are named by the host's administrator" },
  "pivot.c": { calls: ["open", "umount2"], because: "undo, on the host; and mount points below / before chroot" },
  "planner.c": { calls: ["access"], because: "beside the program itself" },
  "process.c": {
    calls: ["open", "chdir", "mkdir"],
    because: "the working directory, after the root is entered; /proc/PID/stat",
  },
  "program.c": {
    calls: ["stat", "open", "access", "execve", "statvfs"],
    because: "the user's program, after the root is entered and as the user",
  },
  "report.c": { calls: ["open"], because: "the log file that the caller names" },
  "socket.c": { calls: ["open"], because: "sockets that the caller names, and the state directory" },
  "stored.c": { calls: ["open", "mkdir", "chmod"], because: "the state root" },
  "tree.c": { calls: ["open"], because: "sources of bind mounts and the root filesystem's own directory, of the host" },
  "wait.c": { calls: ["open"], because: "a file of cgroupfs, from the host" },
};

/** A path that stands in the source. */
function isConstant(args: string): boolean {
  return /^\s*(""|NULL\b)/.test(args);
}

test("paths are looked up by name only where it is safe", async (t) => {
  for (const [file, text] of sources) {
    const used = new Set(
      callsOf(text, BY_NAME)
        .filter(({ args }) => !isConstant(args))
        .map(({ name }) => name),
    );
    const { calls = [], because = "" } = MAY_LOOK_UP[file] ?? {};
    t.same([...used].sort(), [...calls].sort(), `${file}${because === "" ? "" : `: ${because}`}`);
  }
  for (const file of Object.keys(MAY_LOOK_UP)) t.ok(sources.has(file), `${file} is there`);
});

test("components are opened without following links", async (t) => {
  // cgroupfs, and the private procfs: no container can put a link there.
  const exceptions = new Set(["cgroup.c", "procfs.c"]);
  for (const [file, text] of sources) {
    if (exceptions.has(file)) continue;
    const loose = callsOf(text, ["openat"]).filter(({ args }) => !/,\s*""/.test(args) && !args.includes("O_NOFOLLOW"));
    t.same(loose, [], file);
  }
});

test("the rules are looked for in the right way", async (t) => {
  const text = `/* malloc(1) */
static int one(struct run *run) { return open(run->path, "a,b)", f(1)); }

int __attribute__((noinline)) two(int a,
                                  int b)
{
    char *x = strdup("malloc(2)");
    return openat(a, "", 0) + run.open(x);
}
`;
  t.same(functionsOf(text), [{ name: "two", lines: 6 }]);
  t.same(callsOf(text, ["malloc", "strdup"]), [{ name: "strdup", args: '""' }]);
  t.same(callsOf(text, BY_NAME), [{ name: "open", args: 'run->path, "", f(1)' }]);
});
