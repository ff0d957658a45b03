/* Waiting in the foreground: signals go to the process, bytes to and from its terminal, its status becomes ours. */
#include "run.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "kernel.h"
#include "notify.h"
#include "relay.h"

/* What a process left in its terminal when it ended: others may hold the terminal and go on writing. */
#define DRAIN_IDLE_MS 100
#define DRAIN_MAX (1 << 20)

enum { WATCH_SIGNALS = RELAY_COUNT, WATCH_PROCESS, WATCH_NOTIFY, WATCH_COUNT };

struct watch {
    struct run *run;
    pid_t pid;
    int pidfd, signals;
    bool child, ended, stop;
    struct relay *relay; /* NULL without a terminal */
};

int block_signals(sigset_t *blocked)
{
    /* Our own: faults, and SIGPIPE, which we ignore but would find in the signalfd if it were blocked. */
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT, SIGPIPE};
    sigset_t set;
    sigfillset(&set);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) sigdelset(&set, own[i]);
    /* Blocked until we exit: what is left to do then, cleaning up, should not be killed half-way by a second Ctrl-C. */
    if (blocked != NULL) *blocked = set;
    return sigprocmask(SIG_BLOCK, &set, NULL) < 0 ? -errno : 0;
}

static int open_signals(void)
{
    sigset_t set;
    int result = block_signals(&set);
    if (result < 0) return result;
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

/* Ours and, as a subreaper, those that the container left behind. */
static void reap(struct watch *w)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid != w->pid) continue;
        w->run->wait_status = status;
        w->ended = true;
    }
}

static void take_signal(struct watch *w, int number)
{
    if (number == SIGCHLD) {
        reap(w);
    } else if (number == SIGWINCH) {
        if (w->relay != NULL) relay_resize(w->relay);
    } else if (w->ended) {
        w->stop = true; /* whoever sends it wants us gone, not the rest of the output */
    } else if (w->pidfd >= 0) {
        sys_pidfd_send_signal(w->pidfd, number);
    } else if (w->child) {
        kill(w->pid, number); /* not reaped yet: the pid is still its own */
    }
}

static void take_signals(struct watch *w)
{
    struct signalfd_siginfo info;
    while (read(w->signals, &info, sizeof info) == sizeof info) take_signal(w, (int)info.ssi_signo);
}

/* We stay: nothing of it can be lost, and we are who the service manager shall watch. */
static void take_readiness(struct run *run)
{
    int fd = slot_fd(run, SLOT_NOTIFY);
    if (fd >= 0 && notify_take(fd, getpid(), false)) slot_set_fd(run, SLOT_NOTIFY, -1);
}

/* One round. 0, or -errno when waiting itself failed. */
static int wait_once(struct watch *w, size_t *received)
{
    struct pollfd watched[WATCH_COUNT];
    int timeout = -1;
    for (int i = 0; i < WATCH_COUNT; i++) watched[i].fd = -1;
    if (w->relay != NULL) relay_watch(w->relay, watched);
    /* Output that the caller has not taken yet is waited for, like a pipe's writer does. */
    if (w->ended && watched[RELAY_OUTPUT].fd < 0) timeout = DRAIN_IDLE_MS;
    watched[WATCH_SIGNALS] = (struct pollfd){w->signals, POLLIN, 0};
    watched[WATCH_PROCESS] = (struct pollfd){w->child || w->ended ? -1 : w->pidfd, POLLIN, 0};
    watched[WATCH_NOTIFY] = (struct pollfd){slot_fd(w->run, SLOT_NOTIFY), POLLIN, 0};
    int ready = poll(watched, WATCH_COUNT, timeout);
    if (ready < 0) return errno == EINTR ? 0 : -errno;
    if (ready == 0) w->stop = true;
    if (watched[WATCH_PROCESS].revents != 0) w->ended = true;
    if (watched[WATCH_SIGNALS].revents != 0) take_signals(w);
    if (watched[WATCH_NOTIFY].revents != 0) take_readiness(w->run);
    *received = w->relay != NULL ? relay_move(w->relay, watched) : 0;
    return 0;
}

static int wait_for_end(struct watch *w)
{
    size_t received = 0, drained = 0;
    int result = 0;
    bool draining = false;
    reap(w); /* it may have ended before SIGCHLD was blocked */
    while (result == 0 && !w->stop) {
        if (w->ended && w->relay == NULL) break;
        if (w->ended && !draining) relay_drain(w->relay);
        draining = w->ended;
        if (draining && relay_is_done(w->relay)) break;
        result = wait_once(w, &received);
        if (draining && (drained += received) > DRAIN_MAX) break;
    }
    return result;
}

static bool is_child(pid_t pid)
{
    siginfo_t info;
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

int op_foreground(struct run *run, const struct op_foreground *a)
{
    struct relay relay;
    struct watch w = {.run = run, .pid = (pid_t)run->slots[SLOT_PID]};
    if (w.pid <= 0) return -ESRCH;
    if ((a->flags & FOREGROUND_SUBREAPER) != 0) prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    int signals CLEANUP_FD = open_signals();
    if (signals < 0) return signals;
    int pidfd CLEANUP_FD = sys_pidfd_open(w.pid);
    w.signals = signals;
    w.pidfd = pidfd;
    w.child = is_child(w.pid);
    if (!w.child && pidfd < 0) return -ESRCH;
    if ((a->flags & FOREGROUND_TERMINAL) != 0) {
        if (slot_fd(run, SLOT_TERMINAL) < 0) return -EBADF;
        w.relay = &relay;
        relay_start(&relay, slot_fd(run, SLOT_TERMINAL));
    }
    int result = wait_for_end(&w);
    if (w.relay != NULL) relay_end(w.relay);
    take_readiness(run); /* it may have come with the end */
    if (result < 0 || run->wait_status < 0) return result;
    int status = run->wait_status;
    run->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return 0;
}

uint64_t read_counter(const char *path, const char *key)
{
    char content[4096];
    int fd CLEANUP_FD = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? 0 : read(fd, content, sizeof content - 1);
    size_t key_length = strlen(key);
    if (length <= 0) return 0;
    content[length] = '\0';
    for (const char *line = content; line != NULL; line = strchr(line, '\n')) {
        if (*line == '\n') line++;
        if (strncmp(line, key, key_length) != 0 || line[key_length] != ' ') continue;
        return strtoull(line + key_length, NULL, 10);
    }
    return 0;
}

int op_out_of_memory(struct run *run, const struct op_out_of_memory *a)
{
    char path_buffer[PATH_MAX], key_buffer[64], message_buffer[DETAIL_MAX];
    const char *path = text_string(run, &a->path, path_buffer, sizeof path_buffer);
    const char *key = text_string(run, &a->key, key_buffer, sizeof key_buffer);
    const char *message = text_string(run, &a->message, message_buffer, sizeof message_buffer);
    if (path == NULL || key == NULL || message == NULL) return -ENAMETOOLONG;
    if (run->wait_status < 0 || !WIFSIGNALED(run->wait_status) || WTERMSIG(run->wait_status) != SIGKILL) return 0;
    if (read_counter(path, key) > 0) log_line("warning", message);
    return 0;
}
