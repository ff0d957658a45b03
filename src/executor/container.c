/* The life of a container: who its init is, in which state it is, starting it, signalling it. */
#include "run.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "freezer.h"
#include "kernel.h"
#include "process.h"
#include "socket.h"
#include "sync.h"

#define KILL_TIMEOUT_MS 10000

static int save_identity(struct run *run, const char *path)
{
    char line[64];
    int fd CLEANUP_FD = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return -errno;
    uint64_t start_time = process_start_time((pid_t)run->slots[SLOT_PID], NULL);
    int length = snprintf(line, sizeof line, "%lld %llu\n", (long long)run->slots[SLOT_PID], (unsigned long long)start_time);
    run->slots[SLOT_START_TIME] = (int64_t)start_time;
    return write(fd, line, (size_t)length) == length ? 0 : -errno;
}

static int load_identity(struct run *run, const char *path)
{
    char line[64] = "";
    char *end;
    int fd CLEANUP_FD = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    run->slots[SLOT_PID] = run->slots[SLOT_START_TIME] = 0;
    if (fd < 0) return errno == ENOENT ? 0 : -errno;
    if (read(fd, line, sizeof line - 1) < 0) return -errno;
    long pid = strtol(line, &end, 10);
    /* A runtime that was killed while writing leaves a short line: then there is no identity. */
    if (pid <= 0 || *end != ' ' || strchr(line, '\n') == NULL) return 0;
    run->slots[SLOT_PID] = pid;
    run->slots[SLOT_START_TIME] = (int64_t)strtoull(end, NULL, 10);
    return 0;
}

int op_identity(struct run *run, const struct op_identity *a)
{
    char buffer[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    if (a->mode == IDENTITY_MODE_SAVE) return save_identity(run, path);
    /* Undoing its own work, the runtime knows better than a file that may not be written yet. */
    return run->slots[SLOT_PID] > 0 ? 0 : load_identity(run, path);
}

/* The same process as at creation: a recycled pid has another start time. */
static bool init_is_alive(const struct run *run)
{
    char state = 'X';
    pid_t pid = (pid_t)run->slots[SLOT_PID];
    if (pid <= 0) return false;
    uint64_t start_time = process_start_time(pid, &state);
    return start_time != 0 && start_time == (uint64_t)run->slots[SLOT_START_TIME] && state != 'Z' && state != 'X';
}

int op_status(struct run *run, const struct op_status *a)
{
    char freezer_buffer[PATH_MAX], frozen_buffer[64], socket_buffer[PATH_MAX];
    const char *freezer = text_string(run, &a->freezer, freezer_buffer, sizeof freezer_buffer);
    const char *frozen = text_string(run, &a->frozen, frozen_buffer, sizeof frozen_buffer);
    const char *socket = text_string(run, &a->start_socket, socket_buffer, sizeof socket_buffer);
    if (freezer == NULL || frozen == NULL || socket == NULL) return -ENAMETOOLONG;
    if (!init_is_alive(run)) {
        run->slots[SLOT_STATUS] = STATUS_STOPPED;
        run->slots[SLOT_PID] = 0;
    } else if (freezer[0] != '\0' && file_contains(freezer, frozen)) {
        run->slots[SLOT_STATUS] = STATUS_PAUSED;
    } else {
        run->slots[SLOT_STATUS] = access(socket, F_OK) == 0 ? STATUS_CREATED : STATUS_RUNNING;
    }
    return 0;
}

int op_refuse(struct run *run, const struct op_refuse *a)
{
    char buffer[DETAIL_MAX];
    if ((a->when & (uint64_t)run->slots[SLOT_STATUS]) == 0) return 0;
    if ((a->flags & REFUSE_UNLESS_FORCE) != 0 && run->force) return 0;
    const char *message = text_string(run, &a->message, buffer, sizeof buffer);
    return message == NULL ? -errno : say(run, message);
}

static int remove_socket(struct run *run, const void *path)
{
    (void)run;
    return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

/* Waits for the end of a process that may or may not be a child of this one. */
static int wait_for_end(struct run *run, int pidfd)
{
    struct pollfd poll_fd = {pidfd, POLLIN, 0};
    int ready;
    do ready = poll(&poll_fd, 1, KILL_TIMEOUT_MS);
    while (ready < 0 && errno == EINTR);
    if (ready == 0) return explain(run, ECANCELED, "container init still running");
    waitpid((pid_t)run->slots[SLOT_PID], NULL, WNOHANG);
    return ready < 0 ? -errno : 0;
}

int op_kill(struct run *run, const struct op_kill *a)
{
    int number = (int)((a->flags & KILL_SLOT) != 0 ? run->slots[SLOT_SIGNAL] : (int64_t)a->signal);
    bool missing_ok = (a->flags & KILL_MISSING_OK) != 0;
    pid_t pid = (pid_t)run->slots[SLOT_PID];
    if (pid <= 0) return missing_ok ? 0 : -ESRCH;
    /* The order matters: the start time is checked after the descriptor pins the process. */
    int pidfd CLEANUP_FD = sys_pidfd_open(pid);
    if (pidfd < 0) return errno == ESRCH && missing_ok ? 0 : call_failed(run, errno, PIDFD_OPEN);
    /* No start time yet: init died before it was recorded, or the runtime is undoing its own child. */
    uint64_t known = (uint64_t)run->slots[SLOT_START_TIME];
    if (known != 0 && known != ~0ULL && process_start_time(pid, NULL) != known) return missing_ok ? 0 : -ESRCH;
    if (sys_pidfd_send_signal(pidfd, number) < 0) {
        int error = errno;
        if (error == ESRCH && missing_ok) return 0;
        /* EPERM is meant where the call itself is not refused: one that can't succeed tells. */
        bool refused = sys_pidfd_send_signal(-1, 0) < 0 && lacks_call(errno);
        return refused ? call_failed(run, error, "pidfd_send_signal (Linux 5.1)") : -error;
    }
    if (number == SIGKILL && !run->foreign_cgroup) thaw(run, &a->freezer, &a->thaw);
    return (a->flags & KILL_WAIT) != 0 ? wait_for_end(run, pidfd) : 0;
}

int op_meet_init(struct run *run, const struct op_meet_init *a)
{
    char socket_buffer[PATH_MAX], directory_buffer[PATH_MAX];
    const char *socket = text_string(run, &a->socket, socket_buffer, sizeof socket_buffer);
    const char *directory = text_string(run, &a->directory, directory_buffer, sizeof directory_buffer);
    if (socket == NULL || directory == NULL) return -ENAMETOOLONG;
    int lock CLEANUP_FD = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0) return -errno;
    if (flock(lock, LOCK_EX | LOCK_NB) < 0) return say(run, "the container is being started by another process");
    int connection = connect_socket(socket, SOCK_SEQPACKET, O_NOFOLLOW);
    if (connection == -ENOENT) return say(run, "cannot start an already running container");
    if (connection == -ECONNREFUSED) return say(run, "cannot start a container that has stopped");
    if (connection < 0) return connection;
    slot_set_fd(run, SLOT_START_LOCK, steal_fd(&lock));
    run->sync = connection;
    return 0;
}

int op_start(struct run *run, const struct op_start *a)
{
    char buffer[PATH_MAX];
    const char *socket = text_string(run, &a->socket, buffer, sizeof buffer);
    if (socket == NULL) return -errno;
    int result = sync_await_exec(run, remove_socket, socket);
    close_fd(&run->sync);
    slot_set_fd(run, SLOT_START_LOCK, -1);
    return result;
}
