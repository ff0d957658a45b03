/* What a caller of `--pidfd-socket` does: listens on a socket, receives one descriptor, and prints whose pidfd it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

int main(int argc, char **argv)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char payload[4096] = "", control[CMSG_SPACE(8 * sizeof(int))], path[64], line[256];
    struct iovec data = {payload, sizeof payload - 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc != 2) return 2;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", argv[1]);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1) < 0) fail("listen");
    puts("listening");
    int connection = accept(listener, NULL, NULL), fd;
    if (connection < 0 || recvmsg(connection, &message, 0) < 0) fail("receive");
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header == NULL || header->cmsg_len != CMSG_LEN(sizeof fd)) fail("one descriptor");
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    FILE *info = fopen(path, "r");
    while (info != NULL && fgets(line, sizeof line, info) != NULL) {
        if (strncmp(line, "Pid:", 4) == 0) printf("payload=\"%s\" pid=%d\n", payload, atoi(line + 4));
    }
    return 0;
}
