/* Directories, links and device nodes of the container, and what is hidden or made read-only in it. */
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "kernel.h"
#include "mount.h"
#include "root.h"
#include "run.h"

#define TRIES_MAX 8

int op_make_directory(struct run *run, const struct op_make_directory *a)
{
    char buffer[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    int fd CLEANUP_FD = root_directory(run, path, (mode_t)a->mode, 0);
    return fd < 0 ? fd : 0;
}

int op_symlink(struct run *run, const struct op_symlink *a)
{
    char buffer[PATH_MAX], wanted[PATH_MAX], found[PATH_MAX], name[NAME_MAX + 1];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    const char *target = text_string(run, &a->target, wanted, sizeof wanted);
    if (path == NULL || target == NULL) return -errno;
    int parent CLEANUP_FD = root_parent(run, path, name);
    if (parent < 0) return parent;
    for (int i = 0; i < TRIES_MAX; i++) {
        if (symlinkat(target, parent, name) == 0) return 0;
        if (errno != EEXIST) return -errno;
        ssize_t length = readlinkat(parent, name, found, sizeof found);
        if (length >= 0 && (size_t)length == strlen(target) && memcmp(found, target, (size_t)length) == 0) return 0;
        if ((a->flags & SYMLINK_REPLACE) == 0) return 0;
        if (unlinkat(parent, name, 0) < 0 && errno == EISDIR && unlinkat(parent, name, AT_REMOVEDIR) < 0) return -errno;
    }
    return -EEXIST;
}

/* Is this the device, and not just a file of that name? rdev alone is 0 for pipes and plain files (CVE-2026-88265). */
static bool is_device(int fd, uint64_t type, uint64_t major_number, uint64_t minor_number)
{
    struct stat st;
    if (fstat(fd, &st) < 0 || (st.st_mode & S_IFMT) != type) return false;
    return type == S_IFIFO || st.st_rdev == makedev((unsigned)major_number, (unsigned)minor_number);
}

int op_node(struct run *run, const struct op_node *a)
{
    char buffer[PATH_MAX], name[NAME_MAX + 1];
    struct stat st;
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    int parent CLEANUP_FD = root_parent(run, path, name);
    if (parent < 0) return parent;
    dev_t number = a->type == S_IFIFO ? 0 : makedev((unsigned)a->major, (unsigned)a->minor);
    mode_t old = umask(0);
    int error = mknodat(parent, name, (mode_t)(a->type | (a->mode & 07777)), number) < 0 ? errno : 0;
    umask(old);
    if (error != 0 && error != EEXIST) return -error;
    int node CLEANUP_FD = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (node < 0) return -errno;
    if (!is_device(node, a->type, a->major, a->minor)) return explain(run, EEXIST, "something else has that name");
    /* One that was there may be the host's own, when its /dev is mounted here: its mode and owner are not ours to change. */
    if (error == EEXIST) return 0;
    if (fchownat(node, "", (uid_t)a->uid, (gid_t)a->gid, AT_EMPTY_PATH) < 0 || fstat(node, &st) < 0) return -errno;
    if ((st.st_mode & 07777) == (a->mode & 07777)) return 0;
    /* A default ACL of the directory can have taken bits away, and O_PATH descriptors need their name for chmod(2). */
    int fds CLEANUP_FD = proc_open(run, "self/fd", O_PATH | O_DIRECTORY);
    if (fds < 0) return fds;
    snprintf(name, sizeof name, "%d", node);
    return fchmodat(fds, name, (mode_t)(a->mode & 07777), 0) < 0 ? -errno : 0;
}

int op_bind_node(struct run *run, const struct op_bind_node *a)
{
    char buffer[PATH_MAX], host[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    const char *source = text_string(run, &a->source, host, sizeof host);
    if (path == NULL || source == NULL) return -errno;
    int node CLEANUP_FD = open(source, O_PATH | O_CLOEXEC);
    if (node < 0) return explain(run, errno, "%s", source);
    if (!is_device(node, a->type, a->major, a->minor)) return explain(run, ENODEV, "%s is another device on this host", source);
    int target CLEANUP_FD = root_file(run, path, 0644, 0);
    if (target < 0) return target;
    int error = check_target(run, target, false, false);
    return error < 0 ? error : bind_on(run, node, target, 0);
}

/* One empty filesystem for all: it is attached the first time, since only attached mounts can be cloned before Linux 6.15. */
static int hide_directory(struct run *run, int target, const char *path)
{
    if (slot_fd(run, SLOT_EMPTY) >= 0) return bind_on(run, slot_fd(run, SLOT_EMPTY), target, 0);
    uint64_t attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    int fs CLEANUP_FD = sys_fsopen("tmpfs");
    bool made = fs >= 0 && sys_fsconfig(fs, FSCONFIG_SET_STRING, "source", "tmpfs") == 0 &&
                sys_fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL) == 0 &&
                sys_fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0755") == 0 &&
                sys_fsconfig(fs, FSCONFIG_SET_STRING, "nr_blocks", "1") == 0 &&
                sys_fsconfig(fs, FSCONFIG_SET_STRING, "nr_inodes", "1") == 0 &&
                sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL) == 0;
    int empty CLEANUP_FD = made ? sys_fsmount(fs, attributes) : -1;
    if (empty < 0 || sys_move_mount(empty, target) < 0) {
        if (!lacks_call(errno)) return -errno;
        close_fd(&empty);
        int error = mount_by_name(run, -1, "tmpfs", target, "tmpfs", mount_flags_of(attributes), "mode=0755,nr_blocks=1,nr_inodes=1");
        if (error < 0) return error;
        empty = open_top(run, target, path);
    }
    if (empty < 0) return empty;
    slot_set_fd(run, SLOT_EMPTY, steal_fd(&empty));
    return 0;
}

/* The host's /dev/null, never the container's, which may be anything (CVE-2025-31133). */
static int hide_file(struct run *run, int target)
{
    if (slot_fd(run, SLOT_NULL) < 0) {
        int null CLEANUP_FD = open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (null < 0) return explain(run, errno, "the host's /dev/null");
        if (!is_device(null, S_IFCHR, 1, 3)) return explain(run, ENODEV, "the host's /dev/null is no null device");
        slot_set_fd(run, SLOT_NULL, steal_fd(&null));
    }
    return bind_on(run, slot_fd(run, SLOT_NULL), target, 0);
}

int op_mask(struct run *run, const struct op_mask *a)
{
    char buffer[PATH_MAX];
    struct stat st;
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    int target CLEANUP_FD = root_open(run, path, 0);
    if (target == -ENOENT || target == -ENOTDIR) return 0;
    if (target < 0) return target;
    if (fstat(target, &st) < 0) return -errno;
    if (same_place(run, target, slot_fd(run, SLOT_ROOTFS))) return explain(run, EINVAL, "the root directory can't be hidden");
    return S_ISDIR(st.st_mode) ? hide_directory(run, target, path) : hide_file(run, target);
}

int op_readonly(struct run *run, const struct op_readonly *a)
{
    static const struct attributes read_only = {.set = MOUNT_ATTR_RDONLY};
    char buffer[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    int target CLEANUP_FD = root_open(run, path, 0);
    if (target == -ENOENT || target == -ENOTDIR) return 0;
    if (target < 0) return target;
    int mount CLEANUP_FD = sys_open_tree(target, "", AT_EMPTY_PATH | AT_RECURSIVE);
    if (mount < 0 || sys_mount_setattr(mount, AT_RECURSIVE, &read_only) < 0 || sys_move_mount(mount, target) < 0) {
        if (!lacks_call(errno)) return -errno;
        close_fd(&mount);
        int error = bind_on(run, target, target, AT_RECURSIVE);
        if (error < 0) return error;
        mount = open_top(run, target, path);
        error = mount < 0 ? mount : set_attributes(run, mount, MOUNT_ATTR_RDONLY, 0, 0, AT_RECURSIVE);
        if (error < 0) return error;
    }
    return follow_root(run, target, mount);
}
