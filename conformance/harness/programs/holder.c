/*
 * Holds namespaces for others to join: all types but the user namespace, or with the argument "user" that one, too, with
 * ids 0 to 65535 mapped to 100000. Prints the pid of the process that is in all of them, and waits to be killed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void map(pid_t pid, const char *file)
{
    char path[64];
    const char line[] = "0 100000 65536\n";
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    int fd = open(path, O_WRONLY);
    if (fd < 0 || write(fd, line, sizeof line - 1) < 0) fail(path);
    close(fd);
}

static void hold(int ready[2], int mapped[2], int user)
{
    char byte = 0;
    if (user && unshare(CLONE_NEWUSER) < 0) fail("unshare user");
    if (write(ready[1], &byte, 1) != 1 || read(mapped[0], &byte, 1) != 1) exit(1);
    if (user && (setgid(0) < 0 || setuid(0) < 0)) fail("setuid");
    if (unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWCGROUP | CLONE_NEWTIME) < 0) fail("unshare");
    /* A change of user took it away. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0) fail("mount");
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) pause();
    }
    printf("%d\n", pid);
    fflush(stdout);
    waitpid(pid, NULL, 0);
    exit(0);
}

int main(int argc, char **argv)
{
    int ready[2], mapped[2];
    int user = argc > 1 && strcmp(argv[1], "user") == 0;
    char byte;
    if (pipe(ready) < 0 || pipe(mapped) < 0) fail("pipe");
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        hold(ready, mapped, user);
    }
    if (read(ready[0], &byte, 1) != 1) return 1;
    if (user) {
        map(pid, "gid_map");
        map(pid, "uid_map");
    }
    if (write(mapped[1], &byte, 1) != 1) return 1;
    waitpid(pid, NULL, 0);
    return 0;
}
