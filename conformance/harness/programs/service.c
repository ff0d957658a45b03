/* A service: waits for a line of its standard input or for no longer than asked, says that it is ready, and goes on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int say(const char *text)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = getenv("NOTIFY_SOCKET");
    if (path == NULL) return -1;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    long sent = sendto(fd, text, strlen(text), 0, (struct sockaddr *)&address, sizeof address);
    close(fd);
    return sent < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "fail") == 0) return 3;
    usleep(100000);
    if (say("STATUS=starting") < 0 || say("STATUS=up\nREADY=1\nFDSTORE=1") < 0) return 1;
    if (argc > 1 && strcmp(argv[1], "end") == 0) return 0;
    pause();
    return 0;
}
