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
 * The calls that may look up a path that is not a constant, by file, function and path, and why no container can lead
 * them astray. Everything else goes through root.c (below the root filesystem), procfs.c (below the private procfs), or
 * single components with O_NOFOLLOW.
 */
const MAY_LOOK_UP: readonly { readonly because: string; readonly calls: readonly string[] }[] = [
  {
    because: "cgroupfs of the host, from the host",
    calls: [
      "cgroup.c descend: open(path)",
      "cgroup.c lock_cgroup: open(path)",
      "cgroup.c make_cgroup: mkdir(path)",
      "cgroup_tree.c check_no_root: stat(above)",
      "cgroup_tree.c check_no_root: stat(path)",
      "cgroup_tree.c next_child: open(path)",
      "cgroup_tree.c op_rmdir_cgroup: rmdir(path)",
      "cgroup_tree.c open_processes: open(file)",
      "cgroup_tree.c remove_one: rmdir(path)",
      "clone.c clone_in_cgroup: open(path)",
      "device_filter.c attach_filter: open(path)",
      "events.c ran_out: access(w->file)",
      "events.c watch_by_eventfd: open(control)",
      "events.c watch_by_eventfd: open(file)",
      "freezer.c file_contains: open(path)",
      "wait.c read_counter: open(path)",
    ],
  },
  {
    because: "the state root, which is its owner's",
    calls: [
      "container.c load_identity: open(path)",
      "container.c op_meet_init: open(directory)",
      "container.c op_status: access(socket)",
      "container.c remove_socket: unlink(path)",
      "container.c save_identity: open(path)",
      "socket.c bind_in_directory: open(directory)",
      "stored.c op_claim: chmod(path)",
      "stored.c op_claim: mkdir(path)",
      "stored.c stored_run: open(root)",
    ],
  },
  {
    because: "files of the host, from the host",
    calls: [
      "files.c check_directory: open(path)",
      "files.c holds_a_value: open(path)",
      "files.c make_directory: mkdir(path)",
      "files.c make_parents: mkdir(buffer)",
      "files.c mount_id: open(text)",
      "files.c op_chown: lchown(path)",
      "files.c op_open: open(path)",
      "files.c op_remove: rmdir(path)",
      "files.c op_remove: unlink(path)",
      "files.c replace: lstat(path)",
      "files.c replace: open(temporary)",
      "files.c replace: rename(temporary)",
      "files.c replace: unlink(temporary)",
      "files.c write_file: open(path)",
    ],
  },
  {
    because: "what the caller, or the host's administrator, names",
    calls: [
      "hook.c execute: execve(program->path)",
      "process.c op_enter_directory: chdir(path)",
      "report.c log_to_file: open(log_target.path)",
      "socket.c connect_socket: open(path)",
    ],
  },
  {
    because: "of the host, before the root is entered",
    calls: [
      "device.c op_bind_node: open(source)",
      "filesystem.c bind_instead: open(f->or_bind)",
      "tree.c open_place: open(path)",
      "tree.c stage: open(path)",
    ],
  },
  {
    because: "mount points of the host: undo, and those of /proc and /sys before chroot",
    calls: [
      "pivot.c detach: umount2(name)",
      "pivot.c hide_host_filesystems: umount2(entry.point)",
      "pivot.c op_unmount: open(namespace)",
      "pivot.c unmount_pass: open(path)",
    ],
  },
  {
    because: "the program itself, what stands beside it, and processes",
    calls: [
      "idmap.c map_namespace: open(path)",
      "idmap.c write_map: open(path)",
      "planner.c find_node: access(places[i])",
      "planner.c find_planner: access(planner_path)",
      "process.c process_start_time: open(path)",
    ],
  },
  {
    because: "the container's own, after the root is entered",
    calls: [
      "process.c make_directories: mkdir(path)",
      "process.c op_working_directory: chdir(path)",
      "program.c explain_elf: access(interpreter)",
      "program.c explain_exec: open(run->program)",
      "program.c explain_exec: statvfs(run->program)",
      "program.c explain_script: access(interpreter)",
      "program.c is_program: access(path)",
      "program.c is_program: stat(path)",
      "program.c op_exec: execve(run->program)",
    ],
  },
];

/** The path is one that stands in the source, or a choice of such. */
function isConstant(args: string): boolean {
  return /^\s*([^,]*\? "" : )?(""|NULL\b)/.test(args);
}

test("paths are looked up by name only where it is safe", async (t) => {
  const used = [...sources].flatMap(([file, text]) =>
    callsOf(text, BY_NAME)
      .filter(({ args }) => !isConstant(args))
      .map(({ name, caller, args }) => `${file} ${caller}: ${name}(${args.split(",")[0]})`),
  );
  const allowed = MAY_LOOK_UP.flatMap(({ calls }) => calls);
  t.same([...new Set(used)].sort(), [...allowed].sort());
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
  t.same(functionsOf(text), [{ name: "two", start: 3, lines: 6 }]);
  t.same(callsOf(text, ["malloc", "strdup"]), [{ name: "strdup", caller: "two", args: '""' }]);
  t.same(callsOf(text, BY_NAME), [{ name: "open", caller: "", args: 'run->path, "", f(1)' }]);
});
