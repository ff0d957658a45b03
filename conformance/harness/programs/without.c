/*
 * without ERRNO CALL[,CALL...] PROGRAM [ARGUMENT]...: runs a program whose system calls, and those of all its children,
 * fail as on a kernel that lacks them (ENOSYS), or under a filter of seccomp that is older than them (EPERM).
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALL(name) {#name, SYS_##name}
#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif

static const struct {
    const char *name;
    unsigned number;
} calls[] = {
    CALL(openat2), CALL(fsopen), CALL(move_mount), CALL(open_tree), CALL(mount_setattr), CALL(close_range), CALL(clone3),
    CALL(memfd_create), CALL(faccessat2), CALL(pidfd_open), CALL(pidfd_send_signal),
};
#define CALLS (sizeof calls / sizeof calls[0])

int main(int argc, char **argv)
{
    struct sock_filter filter[2 + 2 * CALLS];
    unsigned short length = 0;
    if (argc < 4) return 2;
    unsigned error = strcmp(argv[1], "EPERM") == 0 ? EPERM : ENOSYS;
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (char *name = strtok(argv[2], ","); name != NULL; name = strtok(NULL, ",")) {
        size_t i = 0;
        while (i < CALLS && strcmp(calls[i].name, name) != 0) i++;
        if (i == CALLS || length + 3 > (int)(sizeof filter / sizeof filter[0])) return 2;
        filter[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 1);
        filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
    }
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {length, filter};
    /* As root, so that no_new_privs stays as it is. */
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0) {
        perror("seccomp");
        return 2;
    }
    execvp(argv[3], argv + 3);
    perror(argv[3]);
    return 127;
}
