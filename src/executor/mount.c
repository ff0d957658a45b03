/* Binding and attaching by descriptor, and what the targets of mounts must be: see mount.h. */
#include "mount.h"

#include <stdio.h>

#include "kernel.h"
#include "root.h"
#include "run.h"

int mount_by_name(const struct run *run, int source_fd, const char *source, int target, const char *type,
                  unsigned long flags, const char *data)
{
    char from[32], to[32];
    snprintf(from, sizeof from, "self/fd/%d", source_fd);
    snprintf(to, sizeof to, "self/fd/%d", target);
    int cwd CLEANUP_FD = open(".", O_PATH | O_CLOEXEC);
    /* Relative to the private procfs: /proc may be the container's (CVE-2026-115521). */
    if (cwd < 0 || fchdir(slot_fd(run, SLOT_PROCFS)) < 0) return -errno;
    int error = mount(source_fd >= 0 ? from : source, to, type, flags, data) < 0 ? errno : 0;
    return fchdir(cwd) < 0 ? -errno : -error;
}

int attach_tree(const struct run *run, int tree, int target)
{
    if (sys_move_mount(tree, target) == 0) return 0;
    int error = errno;
    if (!lacks_call(error)) return -error;
    int result = mount_by_name(run, tree, NULL, target, NULL, MS_MOVE, NULL);
    /* EINVAL: a detached tree, so the call is there, and its refusal meant. */
    return result == -EINVAL ? -error : result;
}

int bind_on(const struct run *run, int source, int target, unsigned recursive)
{
    int tree CLEANUP_FD = sys_open_tree(source, "", AT_EMPTY_PATH | recursive);
    if (tree >= 0 && sys_move_mount(tree, target) == 0) return 0;
    if (!lacks_call(errno)) return -errno;
    return mount_by_name(run, source, NULL, target, NULL, MS_BIND | (recursive != 0 ? MS_REC : 0), NULL);
}

int open_top(const struct run *run, int covered, const char *path)
{
    /* ".." of a root directory is itself, with what is mounted on it: exactly what is wanted, without a path. */
    int top CLEANUP_FD = sys_openat2(covered, "..", O_PATH | O_DIRECTORY, RESOLVE_IN_ROOT);
    if (top < 0) {
        close_fd(&top);
        top = root_open(run, path, 0);
    }
    if (top < 0) return top;
    return mount_number(run, top) == mount_number(run, covered) ? -ESTALE : steal_fd(&top);
}

int follow_root(struct run *run, int target, int mount)
{
    if (!same_place(run, target, slot_fd(run, SLOT_ROOTFS))) return 0;
    int root = fcntl(mount, F_DUPFD_CLOEXEC, 0);
    if (root < 0) return -errno;
    slot_set_fd(run, SLOT_ROOTFS, root);
    return 0;
}

int check_target(struct run *run, int target, bool procfs, bool file_allowed)
{
    struct stat st;
    if (!on_procfs(target) || (procfs && is_procfs_root(target))) return 0;
    if (file_allowed && fstat(target, &st) == 0 && S_ISREG(st.st_mode)) return 0;
    return explain(run, EPERM, "the mount point is inside a procfs");
}
