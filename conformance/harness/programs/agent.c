/*
 * A seccomp agent: listens on a socket, receives the state of one process with the filter's listener, prints it, and
 * answers each system call that it is told of: mkdir(2) and mkdirat(2) fail with EDOM, everything else goes on.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int receive_listener(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char payload[65536] = "", control[CMSG_SPACE(8 * sizeof(int))], rest;
    struct iovec data = {payload, sizeof payload - 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1) < 0) fail("listen");
    puts("listening");
    int connection = accept(listener, NULL, NULL);
    if (connection < 0 || recvmsg(connection, &message, 0) < 0) fail("receive");
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header == NULL || header->cmsg_len != CMSG_LEN(sizeof fd)) fail("one descriptor");
    close(listener);
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
    printf("state=%s\n", payload);
    printf("rest=%zd\n", read(connection, &rest, 1));
    return fd;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc != 2) return 2;
    int listener = receive_listener(argv[1]);
    struct pollfd told = {listener, POLLIN, 0};
    while (poll(&told, 1, -1) > 0 && (told.revents & POLLHUP) == 0) {
        struct seccomp_notif call = {0};
        struct seccomp_notif_resp answer = {0};
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0) continue;
        answer.id = call.id;
        if (call.data.nr == SYS_mkdirat
#ifdef SYS_mkdir
            || call.data.nr == SYS_mkdir
#endif
        ) answer.error = -EDOM;
        else answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        if (call.data.nr == SYS_execve) puts("told of execve");
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
    puts("nobody is left");
    return 0;
}
