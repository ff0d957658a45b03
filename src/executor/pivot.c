/* Entering the root filesystem, and taking mounts away. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "kernel.h"
#include "mount.h"
#include "root.h"
#include "run.h"

#define PASSES_MAX 1000

int op_readonly_root(struct run *run, const struct op_readonly_root *a)
{
    (void)a;
    return set_attributes(run, slot_fd(run, SLOT_ROOTFS), MOUNT_ATTR_RDONLY, 0, 0, 0);
}

static int pivot(struct run *run)
{
    int old CLEANUP_FD = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (old < 0 || fchdir(slot_fd(run, SLOT_ROOTFS)) < 0) return -errno;
    if (sys_pivot_root(".", ".") < 0) {
        if (errno != EINVAL) return -errno;
        return explain(run, EINVAL, "the root filesystem is shared, or the host's root can't be exchanged (initramfs, chroot): see --no-pivot");
    }
    if (fchdir(old) < 0) return -errno;
    /* What is unmounted from a shared mount is unmounted from its peers on the host too. */
    if (mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL) < 0) return -errno;
    return umount2(".", MNT_DETACH) < 0 ? -errno : 0;
}

/*
 * With chroot(2) the host's mounts stay in the namespace, and the kernel lets a container mount a procfs or sysfs
 * without covers where a whole one is already there: so those go first.
 */
static int hide_host_filesystems(struct run *run)
{
    char root[PATH_MAX];
    int error = path_of(run, slot_fd(run, SLOT_ROOTFS), root), result;
    int fd CLEANUP_FD = proc_open(run, "self/mountinfo", O_RDONLY);
    if (error < 0 || fd < 0) return error < 0 ? error : fd;
    struct mount_list list = {.fd = fd};
    struct mount_entry entry;
    while ((result = next_mount(&list, &entry)) > 0) {
        bool whole = strcmp(entry.root, "/") == 0 && (strcmp(entry.type, "proc") == 0 || strcmp(entry.type, "sysfs") == 0);
        if (!whole || is_below(entry.point, root)) continue;
        if (mount(NULL, entry.point, NULL, MS_SLAVE | MS_REC, NULL) < 0) continue; /* gone with one above it, or covered */
        if (umount2(entry.point, MNT_DETACH | UMOUNT_NOFOLLOW) == 0) continue;
        /* Locked in a user namespace: covered instead. */
        if (mount("tmpfs", entry.point, "tmpfs", MS_RDONLY, "nr_blocks=1,nr_inodes=1") < 0) return -errno;
    }
    return result;
}

int op_enter_root(struct run *run, const struct op_enter_root *a)
{
    int error = a->how == ENTER_ROOT_HOW_PIVOT ? pivot(run) : a->how == ENTER_ROOT_HOW_MOVE ? hide_host_filesystems(run) : 0;
    if (error < 0) return error;
    if (a->how != ENTER_ROOT_HOW_PIVOT) {
        if (fchdir(slot_fd(run, SLOT_ROOTFS)) < 0) return -errno;
        if (a->how == ENTER_ROOT_HOW_MOVE && mount(".", "/", NULL, MS_MOVE, NULL) < 0) return -errno;
        if (chroot(".") < 0) return -errno;
    }
    return chdir("/") < 0 ? -errno : 0;
}

/* --- unmounting --------------------------------------------------------------------------------------------------- */

/* proc: the host's /proc, opened before a namespace was joined. */
static int detach(int proc, int base, const char *below)
{
    char name[32];
    /* Whoever owns the directories in between may be putting links there. */
    int fd CLEANUP_FD = below[0] == '\0' ? fcntl(base, F_DUPFD_CLOEXEC, 0) : open_below(base, below, NO_LINKS, 0);
    if (fd < 0) return fd;
    snprintf(name, sizeof name, "self/fd/%d", fd);
    if (fchdir(proc) < 0) return -errno;
    return umount2(name, MNT_DETACH) < 0 ? -errno : 0;
}

/* One pass over the list of mounts. *found counts what is there, *gone what was unmounted. */
static int unmount_pass(int proc, const char *path, unsigned *found, unsigned *gone)
{
    char name[32], real[PATH_MAX];
    int base CLEANUP_FD = open(path, O_PATH | O_CLOEXEC);
    if (base < 0) return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
    snprintf(name, sizeof name, "self/fd/%d", base);
    ssize_t length = readlinkat(proc, name, real, sizeof real - 1);
    int fd CLEANUP_FD = openat(proc, "self/mountinfo", O_RDONLY | O_CLOEXEC);
    if (length < 0 || fd < 0) return -errno;
    real[length] = '\0';
    if (strcmp(real, "/") == 0) return -EINVAL;
    struct mount_list list = {.fd = fd};
    struct mount_entry entry;
    int result, error = 0;
    while ((result = next_mount(&list, &entry)) > 0) {
        if (!is_below(entry.point, real)) continue;
        ++*found;
        int failed = detach(proc, base, entry.point + length);
        if (failed == 0) ++*gone;
        else error = failed;
    }
    return result < 0 ? result : *gone > 0 ? 0 : error;
}

static int unmount_all(int proc, const char *path)
{
    int cwd CLEANUP_FD = open(".", O_PATH | O_CLOEXEC), error = 0;
    unsigned found = 1;
    /* Each pass takes what can be reached; a mount that another one covered comes with the next. */
    for (int i = 0; i < PASSES_MAX && error == 0 && found > 0; i++) {
        unsigned gone = 0;
        found = 0;
        error = unmount_pass(proc, path, &found, &gone);
    }
    if (cwd >= 0 && fchdir(cwd) < 0 && error == 0) error = -errno;
    return error;
}

int op_unmount(struct run *run, const struct op_unmount *a)
{
    char buffer[PATH_MAX], other[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    const char *namespace = text_string(run, &a->namespace, other, sizeof other);
    if (path == NULL || namespace == NULL) return -errno;
    int proc CLEANUP_FD = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0) return -errno;
    if (!on_procfs(proc)) return explain(run, ENODEV, "/proc is not a procfs");
    if (namespace[0] == '\0') return unmount_all(proc, path);
    int fd CLEANUP_FD = open(namespace, O_RDONLY | O_CLOEXEC);
    /* A namespace that is gone took its mounts along. */
    if (fd < 0) return errno == ENOENT ? 0 : -errno;
    int status;
    pid_t child = fork();
    /* EINVAL: it is no mount namespace, which is why nothing was mounted. */
    if (child == 0) _exit(setns(fd, CLONE_NEWNS) == 0 ? -unmount_all(proc, path) : errno == EINVAL ? 0 : errno);
    if (child < 0) return -errno;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return -errno;
    }
    return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}
