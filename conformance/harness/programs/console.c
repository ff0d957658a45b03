/*
 * What a caller of `--console-socket` does: listens on a socket, receives one descriptor, and relays standard input and
 * output to it. The first line that it prints says what came: payload length, descriptors, and whether more followed.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int listen_on(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1) < 0) fail("listen");
    puts("listening");
    return fd;
}

static int receive(int connection)
{
    char payload[4096], control[CMSG_SPACE(8 * sizeof(int))];
    struct iovec data = {payload, sizeof payload};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t length = recvmsg(connection, &message, 0);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (length < 0 || header == NULL) fail("receive");
    int fd, more = CMSG_NXTHDR(&message, header) != NULL;
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
    char rest[16];
    int ended = recv(connection, rest, sizeof rest, 0) == 0;
    printf("payload=%s control=%s more=%s ended=%s\n", length > 0 && length < 4096 ? "ok" : "bad",
           header->cmsg_len == CMSG_LEN(sizeof fd) ? "ok" : "bad", more ? "yes" : "no", ended ? "yes" : "no");
    return fd;
}

static int copy(int from, int to)
{
    char buffer[4096];
    ssize_t length = read(from, buffer, sizeof buffer);
    return length > 0 && write(to, buffer, (size_t)length) == length;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc != 2) return 2;
    int listener = listen_on(argv[1]);
    int connection = accept(listener, NULL, NULL);
    if (connection < 0) fail("accept");
    int terminal = receive(connection);
    struct pollfd fds[] = {{0, POLLIN, 0}, {terminal, POLLIN, 0}};
    for (;;) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR) fail("poll");
        if ((fds[0].revents & (POLLIN | POLLHUP)) != 0 && !copy(0, terminal)) fds[0].fd = -1;
        if ((fds[1].revents & (POLLIN | POLLHUP)) != 0 && !copy(terminal, 1)) return 0;
    }
}
