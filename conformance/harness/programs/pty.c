/*
 * A person at a terminal: `pty ROWS COLUMNS COMMAND...` runs a command on a new terminal and relays standard input and
 * output. SIGUSR1 makes the window one row and one column larger. At the end it prints whether the terminal's settings are
 * as they were, and exits with the command's status.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int master;
static struct winsize size;

static void grow(int signal)
{
    (void)signal;
    size.ws_row++;
    size.ws_col++;
    ioctl(master, TIOCSWINSZ, &size);
}

static int copy(int from, int to)
{
    char buffer[4096];
    ssize_t length = read(from, buffer, sizeof buffer);
    return length > 0 && write(to, buffer, (size_t)length) == length;
}

int main(int argc, char **argv)
{
    int slave, status;
    struct termios before, after;
    if (argc < 4) return 2;
    size = (struct winsize){.ws_row = (unsigned short)atoi(argv[1]), .ws_col = (unsigned short)atoi(argv[2])};
    if (openpty(&master, &slave, NULL, NULL, &size) < 0 || tcgetattr(slave, &before) < 0) return 2;
    signal(SIGUSR1, grow);
    pid_t pid = fork();
    if (pid == 0) {
        close(master);
        if (login_tty(dup(slave)) < 0) _exit(2);
        close(slave);
        execvp(argv[3], argv + 3);
        _exit(2);
    }
    struct pollfd fds[] = {{0, POLLIN, 0}, {master, POLLIN, 0}};
    for (;;) {
        int ready = poll(fds, 2, 50);
        if (ready < 0 && errno != EINTR) return 2;
        if (ready > 0 && (fds[0].revents & (POLLIN | POLLHUP)) != 0 && !copy(0, master)) fds[0].fd = -1;
        if (ready > 0 && (fds[1].revents & POLLIN) != 0) copy(master, 1);
        if (ready == 0 && waitpid(pid, &status, WNOHANG) == pid) break;
    }
    tcgetattr(slave, &after);
    int same = before.c_iflag == after.c_iflag && before.c_oflag == after.c_oflag && before.c_lflag == after.c_lflag;
    printf("\n[settings %s]\n", same ? "restored" : "changed");
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
