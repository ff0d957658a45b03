/* Mounts by descriptor (see mount.h), and the operations that move existing mounts about. */
#include "mount.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "kernel.h"
#include "root.h"
#include "run.h"

/* --- binding and attaching ---------------------------------------------------------------------------------------- */

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

/* --- attributes --------------------------------------------------------------------------------------------------- */

static const struct {
    uint64_t attribute;
    unsigned long mount, statfs;
    const char *name;
} names[] = {
    {MOUNT_ATTR_RDONLY, MS_RDONLY, ST_RDONLY, "ro"},
    {MOUNT_ATTR_NOSUID, MS_NOSUID, ST_NOSUID, "nosuid"},
    {MOUNT_ATTR_NODEV, MS_NODEV, ST_NODEV, "nodev"},
    {MOUNT_ATTR_NOEXEC, MS_NOEXEC, ST_NOEXEC, "noexec"},
    {MOUNT_ATTR_NOATIME, MS_NOATIME, ST_NOATIME, "noatime"},
    {MOUNT_ATTR_NODIRATIME, MS_NODIRATIME, ST_NODIRATIME, "nodiratime"},
    {MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW, ST_NOSYMFOLLOW, "nosymfollow"},
};
#define NAMES (sizeof names / sizeof names[0])

unsigned long mount_flags_of(uint64_t attributes)
{
    unsigned long flags = 0;
    for (size_t i = 0; i < NAMES; i++) flags |= (attributes & names[i].attribute) != 0 ? names[i].mount : 0;
    if ((attributes & MOUNT_ATTR_STRICTATIME) != 0) return flags | MS_STRICTATIME;
    return (flags & MS_NOATIME) != 0 ? flags : flags | MS_RELATIME;
}

static uint64_t current_attributes(int mount)
{
    struct statfs fs;
    uint64_t attributes = 0;
    if (fstatfs(mount, &fs) < 0) return 0;
    for (size_t i = 0; i < NAMES; i++) {
        attributes |= ((unsigned long)fs.f_flags & names[i].statfs) != 0 ? names[i].attribute : 0;
    }
    return ((unsigned long)fs.f_flags & (ST_NOATIME | ST_RELATIME)) != 0 ? attributes : attributes | MOUNT_ATTR_STRICTATIME;
}

/* Without mount_setattr(2), one mount: flags that are not repeated would be cleared. */
static int remount_one(const struct run *run, int mount, const struct attributes *change)
{
    uint64_t wanted = (current_attributes(mount) & ~change->clear) | change->set;
    return mount_by_name(run, -1, NULL, mount, NULL, MS_REMOUNT | MS_BIND | mount_flags_of(wanted), NULL);
}

static int remount_below(const struct run *run, int mount, const struct attributes *change)
{
    char top[PATH_MAX];
    int number = mount_number(run, mount), error = path_of(run, mount, top), result;
    int fd CLEANUP_FD = proc_open(run, "self/mountinfo", O_RDONLY);
    if (number < 0 || error < 0 || fd < 0) return fd < 0 ? fd : error < 0 ? error : number;
    struct mount_list list = {.fd = fd};
    struct mount_entry entry;
    while ((result = next_mount(&list, &entry)) > 0) {
        if (entry.number == number || !is_below(entry.point, top)) continue;
        int below CLEANUP_FD = open_below(mount, entry.point + strlen(top), NO_LINKS, 0);
        if (below < 0 || mount_number(run, below) != entry.number) continue; /* another one covers it */
        error = remount_one(run, below, change);
        if (error < 0) return error;
    }
    return result;
}

static int remount(const struct run *run, int mount, const struct attributes *change, unsigned recursive)
{
    int error = 0;
    if ((change->set | change->clear) != 0) {
        error = remount_one(run, mount, change);
        if (error == 0 && recursive != 0) error = remount_below(run, mount, change);
    }
    if (error == 0 && change->propagation != 0) {
        unsigned long flags = change->propagation | (recursive != 0 ? MS_REC : 0);
        error = mount_by_name(run, -1, NULL, mount, NULL, flags, NULL);
    }
    return error;
}

int set_attributes(struct run *run, int mount, uint64_t set, uint64_t clear, uint64_t propagation, unsigned recursive)
{
    struct attributes change = {.set = set, .clear = clear, .propagation = propagation};
    if ((set | clear | propagation) == 0 || sys_mount_setattr(mount, recursive, &change) == 0) return 0;
    int error = errno;
    if (!lacks_call(error)) return -error;
    int result = remount(run, mount, &change, recursive);
    if (result == 0) return 0;
    /* EINVAL: a detached mount, which only mount_setattr(2) can change. */
    if (result == -EINVAL) result = -error;
    uint64_t lost = result == -EPERM ? current_attributes(mount) & clear & ~set : 0;
    for (size_t i = 0; i < NAMES; i++) {
        if ((lost & names[i].attribute) == 0) continue;
        return explain(run, EPERM, "%s is locked by the user namespace that the mount comes from", names[i].name);
    }
    return result;
}

int op_attributes(struct run *run, const struct op_attributes *a)
{
    unsigned recursive = (a->flags & ATTRIBUTES_RECURSIVE) != 0 ? AT_RECURSIVE : 0;
    return set_attributes(run, slot_fd(run, SLOT_TREE), a->set, a->clear, a->propagation, recursive);
}

int op_propagation(struct run *run, const struct op_propagation *a)
{
    char buffer[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    return mount(NULL, path, NULL, a->flags, NULL) < 0 ? -errno : 0;
}

/* --- trees -------------------------------------------------------------------------------------------------------- */

/* Can trees be cloned, changed while they are detached, and attached? Arguments that fail before anything happens. */
static bool detached_trees_work(void)
{
    return !(syscall(SYS_open_tree, -1, "", ~0U) < 0 && lacks_call(errno)) &&
           !(syscall(SYS_move_mount, -1, "", -1, "", ~0U) < 0 && lacks_call(errno)) &&
           !(syscall(SYS_mount_setattr, -1, "", 0, NULL, 0) < 0 && lacks_call(errno));
}

/* Would others see what is mounted here? Yes, when that can't be known. */
static bool is_shared(const struct run *run, int mount)
{
    int fd CLEANUP_FD = proc_open(run, "self/mountinfo", O_RDONLY);
    struct mount_list list = {.fd = fd};
    struct mount_entry entry;
    int number = mount_number(run, mount);
    while (fd >= 0 && number >= 0 && next_mount(&list, &entry) > 0) {
        if (entry.number == number) return entry.shared;
    }
    return true;
}

/*
 * A tree without these calls (before Linux 5.12): bound over its own source, in the mount namespace of this process,
 * until it is moved away. On a shared mount others would see it, and it couldn't be moved.
 */
static int stage(struct run *run, const char *path, unsigned flags)
{
    int how = O_PATH | O_CLOEXEC | ((flags & AT_SYMLINK_NOFOLLOW) != 0 ? O_NOFOLLOW : 0);
    int source CLEANUP_FD = open(path, how);
    if (source < 0) return -errno;
    if (is_shared(run, source)) {
        return explain(run, ENOSYS, "binding from a shared mount needs Linux 5.12 (open_tree, move_mount, mount_setattr)");
    }
    unsigned long recursive = (flags & AT_RECURSIVE) != 0 ? MS_REC : 0;
    int error = mount_by_name(run, source, NULL, source, NULL, MS_BIND | recursive, NULL);
    if (error < 0) return error;
    int staged CLEANUP_FD = open(path, how);
    if (staged < 0) return -errno;
    return mount_number(run, staged) == mount_number(run, source) ? -ESTALE : steal_fd(&staged);
}

int op_tree(struct run *run, const struct op_tree *a)
{
    char buffer[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    unsigned flags = ((a->flags & TREE_RECURSIVE) != 0 ? AT_RECURSIVE : 0) |
                     ((a->flags & TREE_NO_FOLLOW) != 0 ? AT_SYMLINK_NOFOLLOW : 0);
    /* Only init has mounts of its own; elsewhere a staged tree would show on the host. */
    bool needs_stage = run->section == SECTION_INIT && !detached_trees_work();
    int staged = needs_stage ? stage(run, path, flags) : -1;
    int tree CLEANUP_FD = staged >= 0 ? staged : sys_open_tree(AT_FDCWD, path, flags);
    if (tree < 0 && needs_stage && lacks_call(errno)) return staged;
    if (tree < 0 && errno == EINVAL && (flags & AT_RECURSIVE) == 0) {
        return explain(run, EINVAL, "it is unbindable, or a user namespace may not bind it without the mounts below it (rbind)");
    }
    if (tree < 0) return -errno;
    slot_set_fd(run, SLOT_TREE, steal_fd(&tree));
    return 0;
}

/*
 * Makes what holds a directory private, so that no mount made there appears elsewhere. The mount that is there already
 * must be a slave first: binding on a shared one would show on the host.
 */
static int shield(const struct run *run, int directory)
{
    char path[PATH_MAX], holder[PATH_MAX];
    int error = path_of(run, directory, path);
    if (error < 0) return error;
    memcpy(holder, path, sizeof holder);
    while (mount(NULL, holder, NULL, MS_SLAVE, NULL) < 0) {
        char *slash = strrchr(holder, '/');
        if (errno != EINVAL || slash == NULL || holder[1] == '\0') return -errno;
        slash[slash == holder ? 1 : 0] = '\0';
    }
    if (mount(path, path, NULL, MS_BIND, NULL) < 0) return -errno;
    return mount(NULL, path, NULL, MS_PRIVATE, NULL) < 0 ? -errno : 0;
}

int op_rootfs(struct run *run, const struct op_rootfs *a)
{
    char buffer[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    int tree = slot_fd(run, SLOT_TREE);
    if (path == NULL) return -errno;
    int target CLEANUP_FD = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (target < 0) return -errno;
    /* A staged tree may be there already. */
    if (!same_place(run, target, tree)) {
        int error = (a->flags & ROOTFS_SHIELD) != 0 ? shield(run, target) : 0;
        if (error < 0) return error;
        int top CLEANUP_FD = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        error = top < 0 ? -errno : attach_tree(run, tree, top);
        if (error < 0) return error;
    }
    run->slots[SLOT_TREE] = -1;
    slot_set_fd(run, SLOT_ROOTFS, tree);
    return 0;
}

int op_attach(struct run *run, const struct op_attach *a)
{
    char buffer[PATH_MAX];
    struct stat st;
    const char *path = text_string(run, &a->target, buffer, sizeof buffer);
    int tree = slot_fd(run, SLOT_TREE);
    if (path == NULL || fstat(tree, &st) < 0) return -errno;
    /* What may go over or into a procfs is decided by name, so the name must not be redirected. */
    unsigned how = (a->flags & (ATTACH_IN_PROC | ATTACH_OVER_PROC)) != 0 ? NO_LINKS : 0;
    int target CLEANUP_FD = S_ISDIR(st.st_mode) ? root_directory(run, path, 0755, how) : root_file(run, path, 0644, how);
    if (target == -ENOTDIR) return explain(run, ENOTDIR, "the source is a directory, the mount point is not");
    if (target == -EISDIR) return explain(run, EISDIR, "the source is not a directory, the mount point is");
    if (target < 0) return target;
    bool procfs = is_procfs_root(tree);
    if ((a->flags & ATTACH_OVER_PROC) != 0 && !procfs) return explain(run, EPERM, "only a procfs may be mounted there");
    int error = check_target(run, target, procfs, (a->flags & ATTACH_IN_PROC) != 0);
    if (error == 0) error = attach_tree(run, tree, target);
    return error < 0 ? error : follow_root(run, target, tree);
}
