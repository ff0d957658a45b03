/* A service manager's notification socket: prints what comes, one line for each message. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc != 2) return 2;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", argv[1]);
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0) return 1;
    puts("listening");
    for (;;) {
        char text[4096], control[CMSG_SPACE(sizeof(int))];
        struct iovec data = {text, sizeof text - 1};
        struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        ssize_t length = recvmsg(fd, &message, 0);
        if (length < 0) return 1;
        text[length] = '\0';
        for (char *at = text; (at = strchr(at, '\n')) != NULL;) *at = '|';
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        int with = -1;
        if (header != NULL) memcpy(&with, CMSG_DATA(header), sizeof with);
        printf("<%s>%s\n", text, with >= 0 ? " with a descriptor" : "");
        if (with >= 0) close(with);
    }
}
