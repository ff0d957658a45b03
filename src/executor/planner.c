/* Starting the planner and receiving its plan. */
#include "planner.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "clone.h"
#include "plan.h"

#define PLAN_DESCRIPTOR 3 /* where the planner writes */
#define ARGUMENTS_LIMIT 4096
/* src/cli/questions.ts */
#define LOCATE "?locate"
#define HEADER_LENGTH 12 /* up to and with the length of the plan */

#ifndef NODE_PATH
#define NODE_PATH "/usr/bin/node"
#endif

static pid_t planner = -1;

/* What the planner may see of the environment: neither Node's own variables (NODE_OPTIONS and the like) nor the rest. */
static const char *const PASSED[] = {
    "PATH=", "HOME=", "USER=", "XDG_RUNTIME_DIR=", "NOTIFY_SOCKET=", "LISTEN_FDS=", "LISTEN_PID=", "TERM=",
    "DBUS_SESSION_BUS_ADDRESS=", "COLUMNS=",
};

#define PASSED_COUNT (sizeof PASSED / sizeof PASSED[0])

static void pass_environment(char *out[PASSED_COUNT + 1])
{
    size_t count = 0;
    for (char **entry = environ; entry != NULL && *entry != NULL && count < PASSED_COUNT; entry++) {
        for (size_t i = 0; i < PASSED_COUNT; i++) {
            if (strncmp(*entry, PASSED[i], strlen(PASSED[i])) == 0) out[count++] = *entry;
            if (count == PASSED_COUNT) break;
        }
    }
    out[count] = NULL;
}

/* Beside this program: tsoci-planner, which carries its engine, else tsoci-planner.mjs for Node. */
static int find_planner(char *planner_path, size_t size, bool *needs_node)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length < 0) return -errno;
    self[length] = '\0';
    char *slash = strrchr(self, '/');
    int directory = slash == NULL ? 0 : (int)(slash - self);
    for (int node = 0; node <= 1; node++) {
        int written = snprintf(planner_path, size, "%.*s/tsoci-planner%s", directory, self, node ? ".mjs" : "");
        *needs_node = node;
        if (written > 0 && written < (int)size && access(planner_path, node ? R_OK : X_OK) == 0) return 0;
    }
    return -ENOENT;
}

/* The Node that built tsoci, else the usual places: callers may give no PATH at all. */
static const char *find_node(void)
{
    static const char *const places[] = {NODE_PATH, "/usr/local/bin/node", "/usr/bin/node"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (access(places[i], X_OK) == 0) return places[i];
    }
    return NULL;
}

/* What the planner is asked: to plan the command line, or one of the questions of src/cli/questions.ts. */
struct question {
    const char *root;
    char **argv;      /* of tsoci; NULL when the question needs no command line */
    const char *name; /* NULL for the command line itself */
    const char *text;
};

static int planner_arguments(const struct question *question, const char *script, char **arguments)
{
    size_t count = 1; /* the program comes first */
    if (script != NULL) arguments[count++] = (char *)script;
    arguments[count++] = (char *)question->root;
    if (question->name != NULL) {
        arguments[count++] = (char *)question->name;
        arguments[count++] = (char *)question->text;
    }
    for (char **argument = question->argv; argument != NULL && argument[0] != NULL && argument[1] != NULL;) {
        argument++;
        if (count + 1 == ARGUMENTS_LIMIT) return -E2BIG;
        arguments[count++] = *argument;
    }
    arguments[count] = NULL;
    return 0;
}

static int start(struct run *run, const struct question *question, int output)
{
    char path[PATH_MAX];
    char *arguments[ARGUMENTS_LIMIT], *environment[PASSED_COUNT + 1];
    bool needs_node;
    int result = find_planner(path, sizeof path, &needs_node);
    if (result < 0) return explain(run, -result, "find tsoci-planner beside tsoci");
    const char *program = needs_node ? find_node() : path;
    if (program == NULL) return explain(run, ENOENT, "find node, which tsoci-planner.mjs needs");
    arguments[0] = (char *)program;
    result = planner_arguments(question, needs_node ? path : NULL, arguments);
    if (result < 0) return result;
    pass_environment(environment);

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, output, PLAN_DESCRIPTOR);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    result = posix_spawn(&planner, program, &actions, &attributes, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    /* The C library doesn't fall back from EPERM, and neither engine could make a thread. */
    if (result == EPERM && syscall(SYS_clone3, NULL, 0) < 0 && errno == EPERM) {
        return call_failed(run, EPERM, "clone3 (Linux 5.3: a filter that does not know it must answer ENOSYS)");
    }
    return result == 0 ? 0 : explain(run, result, "execute %s", program);
}

/* Reads until the plan is complete; the planner need not have ended. */
static int64_t receive(int input, int memory)
{
    static unsigned char buffer[1 << 16];
    unsigned char header[HEADER_LENGTH];
    uint64_t total = 0, expected = HEADER_LENGTH;
    while (total < expected) {
        ssize_t length = read(input, buffer, sizeof buffer);
        if (length < 0 && errno == EINTR) continue;
        if (length <= 0) return length < 0 ? -errno : -EPIPE;
        if (write(memory, buffer, (size_t)length) != length) return -errno;
        total += (uint64_t)length;
        if (total >= HEADER_LENGTH && expected == HEADER_LENGTH) {
            uint32_t announced;
            if (pread(memory, header, sizeof header, 0) != HEADER_LENGTH) return -EIO;
            memcpy(&announced, header + 8, sizeof announced);
            if (announced < HEADER_LENGTH || announced > PLAN_LENGTH_LIMIT) return -EPROTO;
            expected = announced;
        }
    }
    return total == expected ? (int64_t)total : -EPROTO;
}

/* The planner died, or wrote something else than a plan. Its own words are on standard error already. */
static int planner_failed(struct run *run, int error)
{
    int status = 0;
    pid_t child = planner;
    planner = -1;
    if (error != EPIPE || waitpid(child, &status, 0) != child) return explain(run, error, "read the plan of the planner");
    if (WIFSIGNALED(status)) return explain(run, ECANCELED, "the planner was killed by signal %d", WTERMSIG(status));
    return explain(run, ECANCELED, "the planner exited with status %d and without a plan", WEXITSTATUS(status));
}

static int ask(struct run *run, const struct question *question, bool enters_container)
{
    int pair[2];
    planner_reap();
    run->plan_fd = memfd_create("tsoci-plan", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (run->plan_fd < 0) return call_failed(run, errno, "memfd_create (Linux 3.17)");
    if (pipe2(pair, O_CLOEXEC) < 0) return -errno;
    int input CLEANUP_FD = pair[0];
    int result = start(run, question, pair[1]);
    close(pair[1]);
    if (result < 0) return result;
    /* While the planner thinks. A failure is reported when the copy is needed. */
    if (enters_container) run->self_fd = copy_self();
    int64_t length = receive(input, run->plan_fd);
    if (length < 0) return planner_failed(run, (int)-length);
    /* It has said all, and only reads: tearing its engine down is the kernel's work, on another core. */
    kill(planner, SIGKILL);
    result = seal(run->plan_fd);
    if (result < 0) return result;
    result = plan_map(&run->plan, run->plan_fd);
    if (result == -ESTALE) return explain(run, ECANCELED, "tsoci-planner beside tsoci is of another build");
    return result == 0 ? 0 : explain(run, -result, "check the plan of the planner");
}

int planner_run(struct run *run, const char *root, char **argv, bool enters_container)
{
    struct question question = {root, argv, NULL, NULL};
    return ask(run, &question, enters_container);
}

int planner_ask(struct run *run, const char *root, const char *name, const char *id)
{
    struct question question = {root, NULL, name, id};
    int result = ask(run, &question, false);
    /* What it can't answer it says as for a command. */
    return result < 0 || run->plan.sections[SECTION_HOST].data == NULL ? result : run_section(run, SECTION_HOST);
}

int planner_locate(const char *root, char **argv, const char *line, char *located, size_t size)
{
    static struct run run = RUN_INITIAL;
    struct question question = {root, argv, LOCATE, line};
    int result = ask(&run, &question, false);
    if (result < 0) return result;
    /* Its plan is one `fail`, whose text is the answer. */
    if (run_section(&run, SECTION_HOST) == 0 || !run.failure.bare) return -EPROTO;
    failure_text(&run, located, size);
    return 0;
}

void planner_reap(void)
{
    if (planner > 0) waitpid(planner, NULL, 0);
    planner = -1;
}
