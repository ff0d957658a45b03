/* Sockets of the host: those of callers (console, pidfd, seccomp), and the one where init waits for its start. */
#include "socket.h"

#include "run.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* A state of the container with its annotations may go to a seccomp agent. */
#define PAYLOAD_MAX 65536

/* sockaddr_un takes 108 bytes. A path through the descriptor of the directory, or of the socket itself, is short. */
static int short_address(struct sockaddr_un *address, int fd, const char *name)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int length = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d%s", fd, name);
    return length < (int)sizeof address->sun_path ? 0 : -ENAMETOOLONG;
}

int connect_socket(const char *path, int type, int flags)
{
    struct sockaddr_un address;
    int file CLEANUP_FD = open(path, O_PATH | O_CLOEXEC | flags);
    if (file < 0) return -errno;
    int fd CLEANUP_FD = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    int result = short_address(&address, file, "");
    if (result < 0) return result;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) return -errno;
    return steal_fd(&fd);
}

int op_connect(struct run *run, const struct op_connect *a)
{
    char buffer[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    int fd = connect_socket(path, SOCK_STREAM, 0);
    if (fd < 0) return fd;
    slot_set_fd(run, a->into, fd);
    return 0;
}

static int bind_in_directory(int fd, const char *path, mode_t mode)
{
    char directory[PATH_MAX];
    struct sockaddr_un address;
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash - path >= (int)sizeof directory) return -ENAMETOOLONG;
    snprintf(directory, sizeof directory, "%.*s/", (int)(slash - path), path);
    int parent CLEANUP_FD = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0) return -errno;
    int result = short_address(&address, parent, slash);
    if (result < 0) return result;
    /* The socket has its mode from its first moment on. */
    mode_t mask = umask(~mode & 0777);
    result = bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
    umask(mask);
    return result;
}

int op_listen(struct run *run, const struct op_listen *a)
{
    char buffer[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    int fd CLEANUP_FD = socket(AF_UNIX, (int)a->type | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    int result = bind_in_directory(fd, path, (mode_t)a->mode);
    if (result < 0) return result;
    if (a->type != SOCK_DGRAM && listen(fd, 8) < 0) return -errno;
    slot_set_fd(run, a->into, steal_fd(&fd));
    return 0;
}

long send_message(int socket, const void *data, size_t length, int fd)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec vector = {(void *)data, length};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    if (fd >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        control.header =
            (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
        memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    }
    ssize_t sent;
    do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

/* Receivers (go-runc, conmon) refuse more than one message, control message or descriptor, and an empty payload. */
int op_send_descriptor(struct run *run, const struct op_send_descriptor *a)
{
    char buffer[PAYLOAD_MAX];
    int fd = slot_fd(run, a->descriptor);
    const char *payload = text_string(run, &a->payload, buffer, sizeof buffer);
    if (payload == NULL) return -errno;
    if (payload[0] == '\0') return -EINVAL;
    if (fd < 0) return -EBADF;
    size_t length = strlen(payload);
    long sent = send_message(slot_fd(run, a->socket), payload, length, fd);
    if (sent < 0) return (int)sent;
    return (size_t)sent == length ? 0 : -EIO;
}
