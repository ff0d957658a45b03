/*
 * The private procfs. What is written below /proc decides about labels, ids and kernel settings, so it must reach the
 * file it is meant for, whatever the container mounted over its own /proc (CVE-2019-16884, CVE-2025-52881).
 */
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "kernel.h"
#include "root.h"
#include "run.h"

#define PROC_ROOT_INODE 1
#define TRIES_MAX 64

bool on_procfs(int fd)
{
    struct statfs fs;
    return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

bool is_procfs_root(int fd)
{
    struct stat st;
    return on_procfs(fd) && fstat(fd, &st) == 0 && st.st_ino == PROC_ROOT_INODE;
}

static int new_procfs(void)
{
    int fs CLEANUP_FD = sys_fsopen("proc");
    if (fs < 0 || sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL) < 0) return -1;
    return sys_fsmount(fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

int op_procfs(struct run *run, const struct op_procfs *a)
{
    (void)a;
    /* In a user namespace a new procfs is refused while /proc has something mounted below it (containers in
     * containers); a clone without that is refused too when it would uncover what a more privileged one covered. */
    for (int attempt = 0; attempt < 4; attempt++) {
        int fd CLEANUP_FD = attempt == 0   ? new_procfs()
                            : attempt == 1 ? sys_open_tree(AT_FDCWD, "/proc", 0)
                            : attempt == 2 ? sys_open_tree(AT_FDCWD, "/proc", AT_RECURSIVE)
                                           : open("/proc", O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || !is_procfs_root(fd)) continue;
        slot_set_fd(run, SLOT_PROCFS, steal_fd(&fd));
        return 0;
    }
    return explain(run, ENODEV, "/proc is not a procfs, and no other can be mounted");
}

/* Without openat2: the same by single components. What is mounted below a /proc that is not ours shows by its device,
 * unless it is of the same procfs; such a kernel has at least our own mount, where nobody can mount anything. */
static int open_by_hand(int root, const char *path, int flags)
{
    char buffer[PATH_MAX], *rest = buffer, *name;
    struct stat top, st;
    if (snprintf(buffer, sizeof buffer, "%s", path) >= (int)sizeof buffer) return -ENAMETOOLONG;
    int at CLEANUP_FD = fcntl(root, F_DUPFD_CLOEXEC, 0);
    if (at < 0 || fstat(root, &top) < 0) return -errno;
    bool first = true;
    while ((name = strsep(&rest, "/")) != NULL) {
        char target[64] = "";
        if (strcmp(name, "..") == 0) return -EXDEV;
        if (first && (strcmp(name, "self") == 0 || strcmp(name, "thread-self") == 0)) {
            if (readlinkat(root, name, target, sizeof target - 1) < 0) return -errno;
            name = target;
        }
        int fd = openat(at, name, (rest == NULL ? flags : O_PATH) | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0) return -errno;
        close(at);
        at = fd;
        if (fstat(at, &st) < 0) return -errno;
        if (st.st_dev != top.st_dev) return -EXDEV;
        if (rest != NULL && S_ISLNK(st.st_mode)) return -ELOOP;
        first = false;
    }
    return steal_fd(&at);
}

int proc_open(const struct run *run, const char *path, int flags)
{
    int root = slot_fd(run, SLOT_PROCFS), error = EAGAIN;
    int fd CLEANUP_FD = -1;
    for (int i = 0; i < TRIES_MAX && fd < 0 && (error == EAGAIN || error == EINTR); i++) {
        fd = sys_openat2(root, path, flags, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV);
        if (fd < 0) error = errno;
    }
    if (fd < 0 && !lacks_call(error)) return -error;
    if (fd < 0) fd = open_by_hand(root, path, flags);
    if (fd < 0) return fd;
    return on_procfs(fd) ? steal_fd(&fd) : -EXDEV;
}

int mount_number(const struct run *run, int fd)
{
    char text[512];
    snprintf(text, sizeof text, "self/fdinfo/%d", fd);
    int info CLEANUP_FD = proc_open(run, text, O_RDONLY);
    if (info < 0) return info;
    ssize_t length = read(info, text, sizeof text - 1);
    if (length < 0) return -errno;
    text[length] = '\0';
    const char *line = strstr(text, "mnt_id:");
    return line != NULL ? atoi(line + strlen("mnt_id:")) : -ENODATA;
}

int reopen(const struct run *run, int fd, int flags)
{
    char name[16];
    int fds CLEANUP_FD = proc_open(run, "self/fd", O_PATH | O_DIRECTORY);
    if (fds < 0) return fds;
    snprintf(name, sizeof name, "%d", fd);
    int opened = openat(fds, name, flags | O_NOCTTY | O_CLOEXEC);
    return opened < 0 ? -errno : opened;
}

int path_of(const struct run *run, int fd, char path[PATH_MAX])
{
    char name[16];
    int fds CLEANUP_FD = proc_open(run, "self/fd", O_PATH | O_DIRECTORY);
    if (fds < 0) return fds;
    snprintf(name, sizeof name, "%d", fd);
    ssize_t length = readlinkat(fds, name, path, PATH_MAX - 1);
    if (length < 0) return -errno;
    path[length] = '\0';
    return 0;
}

int op_write_proc(struct run *run, const struct op_write_proc *a)
{
    char buffer[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    int fd CLEANUP_FD = proc_open(run, path, O_WRONLY);
    return fd < 0 ? fd : write_text(run, &a->data, fd, true);
}

int op_enter_time(struct run *run, const struct op_enter_time *a)
{
    if (!text_is_empty(&a->offsets)) {
        int offsets CLEANUP_FD = proc_open(run, "self/timens_offsets", O_WRONLY);
        if (offsets < 0) return offsets;
        int error = text_write(run, &a->offsets, offsets);
        if (error < 0) return error;
    }
    int namespaces CLEANUP_FD = proc_open(run, "self/ns", O_PATH | O_DIRECTORY);
    if (namespaces < 0) return namespaces;
    /* unshare(2) moves only later children, so the namespace is joined by its link. */
    int fd CLEANUP_FD = openat(namespaces, "time_for_children", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -errno;
    return setns(fd, CLONE_NEWTIME) < 0 ? -errno : 0;
}
