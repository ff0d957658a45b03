/* Id-mapped mounts: user_namespaces(7), mount_setattr(2). */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "kernel.h"
#include "run.h"

static int write_map(const struct run *run, pid_t process, const char *file, const struct text *map)
{
    char path[40];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)process, file);
    int fd CLEANUP_FD = open(path, O_WRONLY | O_CLOEXEC);
    return fd < 0 ? -errno : text_write(run, map, fd);
}

/* The user namespace of a process, mapped; a descriptor or -errno. */
static int map_namespace(struct run *run, pid_t process, const struct op_user_namespace *a)
{
    char path[40];
    int error = write_map(run, process, "uid_map", &a->uids);
    if (error < 0) return explain(run, -error, "uid_map");
    error = write_map(run, process, "gid_map", &a->gids);
    if (error < 0) return explain(run, -error, "gid_map");
    snprintf(path, sizeof path, "/proc/%d/ns/user", (int)process);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int op_user_namespace(struct run *run, const struct op_user_namespace *a)
{
    int ends[2];
    char byte;
    if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
    /* It takes a process to make one. This one ends with its end of the pipe, whatever becomes of us. */
    pid_t child = (pid_t)syscall(SYS_clone, (unsigned long)(CLONE_NEWUSER | SIGCHLD), 0, 0, 0, 0);
    if (child == 0) {
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) != 0);
    }
    int result = child < 0 ? -errno : map_namespace(run, child, a);
    close(ends[0]);
    close(ends[1]);
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
    if (result < 0) return result;
    slot_set_fd(run, SLOT_IDS, result);
    return 0;
}

int op_idmap(struct run *run, const struct op_idmap *a)
{
    struct attributes change = {.set = MOUNT_ATTR_IDMAP, .user_namespace = (uint64_t)slot_fd(run, a->slot)};
    unsigned recursive = (a->flags & IDMAP_RECURSIVE) != 0 ? AT_RECURSIVE : 0;
    if (sys_mount_setattr(slot_fd(run, SLOT_TREE), recursive, &change) == 0) return 0;
    int error = errno;
    /* EPERM is meant where the call itself is not refused: one that can't succeed tells. */
    bool refused = syscall(SYS_mount_setattr, -1, "", 0, NULL, 0) < 0 && lacks_call(errno);
    if (refused) return call_failed(run, error, "mount_setattr (Linux 5.12)");
    if (error == EINVAL) return explain(run, EINVAL, "this kernel can't map the ids of the filesystem%s", recursive != 0 ? ", or of one below it" : "");
    if (error == EPERM) return explain(run, EPERM, "its ids are mapped already, or the filesystem belongs to a user namespace");
    return -error;
}
