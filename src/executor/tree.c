/* Trees: clones of mounts that exist, and where they go. */
#include <string.h>

#include "kernel.h"
#include "mount.h"
#include "root.h"
#include "run.h"

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
    if (tree < 0) return call_failed(run, errno, "open_tree (Linux 5.2)");
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

/*
 * Where the root filesystem is attached until it is entered. A user namespace's root may have no right to the path; then
 * any other place will do, and over / is one that everybody reaches.
 */
static int open_place(const char *path)
{
    int place = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (place < 0 && errno == EACCES) place = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return place < 0 ? -errno : place;
}

int op_rootfs(struct run *run, const struct op_rootfs *a)
{
    char buffer[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    int tree = slot_fd(run, SLOT_TREE);
    if (path == NULL) return -errno;
    int target CLEANUP_FD = open_place(path);
    if (target < 0) return target;
    /* A staged tree may be there already. */
    if (!same_place(run, target, tree)) {
        int error = (a->flags & ROOTFS_SHIELD) != 0 ? shield(run, target) : 0;
        if (error < 0) return error;
        int top CLEANUP_FD = open_place(path);
        error = top < 0 ? top : attach_tree(run, tree, top);
        if (error < 0) return error;
    }
    run->slots[SLOT_TREE] = -1;
    slot_set_fd(run, SLOT_ROOTFS, tree);
    return 0;
}

/* The target becomes the same symbolic link as the source; one that is there already must be the same. */
static int copy_link(struct run *run, int source, const char *path)
{
    char name[NAME_MAX + 1], wanted[PATH_MAX], found[PATH_MAX];
    ssize_t length = readlinkat(source, "", wanted, sizeof wanted - 1);
    if (length < 0) return -errno;
    wanted[length] = '\0';
    int parent CLEANUP_FD = root_parent(run, path, name);
    if (parent < 0) return parent;
    if (symlinkat(wanted, parent, name) == 0) return 0;
    if (errno != EEXIST) return -errno;
    if (readlinkat(parent, name, found, sizeof found) == length && memcmp(found, wanted, (size_t)length) == 0) return 0;
    return explain(run, EEXIST, "the source is a link to %s, the destination is something else", wanted);
}

int op_attach(struct run *run, const struct op_attach *a)
{
    char buffer[PATH_MAX];
    struct stat st;
    const char *path = text_string(run, &a->target, buffer, sizeof buffer);
    int tree = slot_fd(run, SLOT_TREE);
    if (path == NULL || fstat(tree, &st) < 0) return -errno;
    if ((a->flags & ATTACH_COPY_LINK) != 0 && S_ISLNK(st.st_mode)) return copy_link(run, tree, path);
    /* What may go over or into a procfs is decided by name, so the name must not be redirected. */
    unsigned how = ((a->flags & (ATTACH_IN_PROC | ATTACH_OVER_PROC)) != 0 ? NO_LINKS : 0) |
                   ((a->flags & ATTACH_NO_FOLLOW) != 0 ? NO_FOLLOW : 0);
    int target CLEANUP_FD = S_ISDIR(st.st_mode) ? root_directory(run, path, 0755, how) : root_file(run, path, 0644, how);
    if (target == -ENOTDIR) return explain(run, ENOTDIR, "the source is a directory, the mount point is not");
    /* What mount(2) says of this, too. */
    if (target == -EISDIR) return explain(run, ENOTDIR, "the source is not a directory, the mount point is");
    if (target < 0) return target;
    bool procfs = is_procfs_root(tree);
    if ((a->flags & ATTACH_OVER_PROC) != 0 && !procfs) return explain(run, EPERM, "only a procfs may be mounted there");
    int error = check_target(run, target, procfs, (a->flags & ATTACH_IN_PROC) != 0);
    if (error == 0) error = attach_tree(run, tree, target);
    return error < 0 ? error : follow_root(run, target, tree);
}
