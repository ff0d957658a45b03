/*
 * tsoci: the front door and the executor. It knows system calls and plans; it will never read JSON, know a default of the
 * specification, resolve a path of a container by name, or allocate memory for an operation.
 *
 * `start`, `state`, `kill`, `pause`, `resume` and `delete` carry out what `create` stored. For everything else it starts
 * the planner, reads the plan, checks all of it, and carries it out.
 */
#include "command_line.h"
#include "run.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clone.h"
#include "planner.h"
#include "stored.h"

static void report(struct run *run, const struct command_line *line, char **argv)
{
    char text[4 * DETAIL_MAX], located[4 * DETAIL_MAX];
    failure_text(run, text, sizeof text);
    /* Operations are named by the entry of the configuration that asked for them; people look for its line. */
    bool has_entry = line->enters_container && run->failure.message[0] == '/';
    /* The paths of the command line count from there. */
    if (has_entry && run->caller_directory >= 0 && fchdir(run->caller_directory) < 0) has_entry = false;
    if (has_entry && planner_locate(line->root, argv, text, located, sizeof located) == 0) log_line("error", located);
    else log_line("error", text);
}

static int finish(struct run *run, int result, const struct command_line *line, char **argv)
{
    if (result < 0) {
        report(run, line, argv);
        run->exit_status = (int)run->plan.failure_status;
        if (run->exit_status == 0) run->exit_status = 1;
    }
    planner_reap();
    return run->exit_status;
}

static void set_failure(struct run *run, int result, const char *message)
{
    if (result == 0) return;
    run->failure.error = -result;
    snprintf(run->failure.message, sizeof run->failure.message, "%s", message);
}

/*
 * Descriptors 0 to 2 that the caller closed would be taken by files of ours. A /dev/null that it has open for one direction,
 * as containerd gives one in the place of all three, would fail what the container writes.
 */
static int complete_stdio(void)
{
    struct stat device, stream;
    int null = open("/dev/null", O_RDWR);
    while (null >= 0 && null <= STDERR_FILENO) null = open("/dev/null", O_RDWR);
    if (null < 0 || fstat(null, &device) < 0) return -1;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fstat(fd, &stream) < 0) return -1;
        if (S_ISCHR(stream.st_mode) && stream.st_rdev == device.st_rdev && dup2(null, fd) < 0) return -1;
    }
    return close(null);
}

/* The first number from 3 on that the caller left closed: what lies below can be preserved, and is none of ours. */
static unsigned first_closed_descriptor(void)
{
    unsigned fd = STDERR_FILENO + 1;
    while (fcntl((int)fd, F_GETFD) >= 0) fd++;
    return fd;
}

int main(int argc, char **argv)
{
    static struct run run = RUN_INITIAL;
    struct command_line line;
    if (argc == 4 && strcmp(argv[0], CHILD_NAME) == 0) return child_main(argv);
    if (complete_stdio() < 0) return 1;
    signal(SIGPIPE, SIG_IGN);
    /* A caller that ignores it would hide the ends of our own children from us. */
    signal(SIGCHLD, SIG_DFL);
    run.first_closed = first_closed_descriptor();
    /* Descriptors of the caller are nobody's business; the ones to preserve are handed on by `clone`. */
    if (close_on_exec_from(3) < 0) return 1;
    command_line_read(&line, argv);
    log_setup(line.log, line.log_format, line.debug);
    int result;
    if (line.stored != 0) {
        result = stored_run(&run, line.root, line.id, (enum section)line.stored, line.signal, line.force);
        /* Of what fails before the first operation nobody has said yet what was attempted. */
        if (run.failure.error == 0 && !run.failure.bare) set_failure(&run, result, line.id);
    } else {
        run.root = line.root;
        result = planner_run(&run, line.root, argv, line.enters_container);
        set_failure(&run, result, "plan");
        if (result == 0) result = run_section(&run, SECTION_HOST);
    }
    return finish(&run, result, &line, argv);
}
