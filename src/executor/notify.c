/* sd_notify(3): what a container says to its service manager is that it is ready, and we are who says it. */
#include "notify.h"

#include "kernel.h"
#include "run.h"
#include "socket.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define READY "READY="
#define BARRIER_TIMEOUT_MS 30000
/* A container that floods us must not keep us from our signals. */
#define BURST_MAX 64

/* The socket of the service manager: in the environment of whoever starts the container. "@…" is an abstract one. */
static int connect_manager(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = getenv("NOTIFY_SOCKET");
    if (path == NULL || path[0] == '\0') return -ENOENT;
    size_t length = strlen(path);
    if (length >= sizeof address.sun_path) return -ENAMETOOLONG;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') address.sun_path[0] = '\0';
    int fd CLEANUP_FD = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0) return -errno;
    return steal_fd(&fd);
}

/* Whoever only starts the container ends at once: the manager closes the pipe when it has read what came before. */
static void wait_for_manager(int manager)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return;
    long sent = send_message(manager, "BARRIER=1", strlen("BARRIER=1"), ends[1]);
    close(ends[1]);
    struct pollfd closed = {ends[0], 0, 0};
    if (sent > 0) poll(&closed, 1, BARRIER_TIMEOUT_MS);
    close(ends[0]);
}

static int tell_manager(const char *ready, size_t length, pid_t main_pid, bool barrier)
{
    char pid_line[32];
    int pid_length = snprintf(pid_line, sizeof pid_line, "MAINPID=%d\n", (int)main_pid);
    int manager CLEANUP_FD = connect_manager();
    if (manager < 0) return manager;
    long sent = send_message(manager, ready, length, -1);
    if (sent > 0) sent = send_message(manager, pid_line, (size_t)pid_length, -1);
    if (sent < 0) return (int)sent;
    if (barrier) wait_for_manager(manager);
    return 0;
}

/* The line of a message that says so; NULL when none does. */
static char *find_ready(char *message)
{
    while (strncmp(message, READY, strlen(READY)) != 0) {
        message = strchr(message, '\n');
        if (message++ == NULL) return NULL;
    }
    return message;
}

bool notify_take(int fd, pid_t main_pid, bool barrier)
{
    char buffer[4096], words[128], line[256], *ready = NULL;
    for (int count = 0; ready == NULL; count++) {
        if (count == BURST_MAX) return false;
        ssize_t length = recv(fd, buffer, sizeof buffer - 2, MSG_DONTWAIT);
        if (length < 0) return false;
        buffer[length] = '\0';
        ready = find_ready(buffer);
    }
    size_t end = strcspn(ready, "\n");
    ready[end] = '\n';
    int result = tell_manager(ready, end + 1, main_pid, barrier);
    if (result == 0) return true;
    snprintf(line, sizeof line, "NOTIFY_SOCKET: %s", error_words(-result, words, sizeof words));
    log_line("warning", line);
    return true;
}

int op_await_ready(struct run *run, const struct op_await_ready *a)
{
    (void)a;
    const char *path = getenv("NOTIFY_SOCKET");
    pid_t pid = (pid_t)run->slots[SLOT_PID];
    int pidfd CLEANUP_FD = sys_pidfd_open(pid);
    /* `start` may have been called by somebody else than `create`. */
    bool done = path == NULL || path[0] == '\0' || pidfd < 0;
    while (!done) {
        struct pollfd watched[] = {{slot_fd(run, SLOT_NOTIFY), POLLIN, 0}, {pidfd, POLLIN, 0}};
        if (poll(watched, 2, -1) < 0 && errno != EINTR) return -errno;
        done = watched[0].revents != 0 ? notify_take(watched[0].fd, pid, true) : watched[1].revents != 0;
    }
    slot_set_fd(run, SLOT_NOTIFY, -1);
    return 0;
}
