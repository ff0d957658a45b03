/*
 * Adopts what the command leaves behind, and never waits for it, as a caller that is slow to reap:
 *     adopter COMMAND...
 * Says "adopted" and the exit status of the command; ends when its standard input does.
 */
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char byte;
    int status;
    if (argc < 2 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) return 1;
    pid_t child = fork();
    if (child == 0) {
        execv(argv[1], argv + 1);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0) return 1;
    printf("adopted %d\n", WEXITSTATUS(status));
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0) continue;
    return 0;
}
