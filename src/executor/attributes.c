/* Attributes and propagation of mounts. */
#include <signal.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include "kernel.h"
#include "mount.h"
#include "root.h"
#include "run.h"

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

/* In a process of its own: attaches a detached tree where nobody sees it, changes it, and puts a clone in its place. */
static int change_unseen(struct run *run, int tree, const struct attributes *change, unsigned recursive)
{
    struct stat st;
    int proc CLEANUP_FD = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0 || fstat(tree, &st) < 0 || unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return -errno;
    /* Any directory, any file will do. */
    int place CLEANUP_FD = open(S_ISDIR(st.st_mode) ? "/" : "/proc/version", O_PATH | O_CLOEXEC);
    if (place < 0 || sys_move_mount(tree, place) < 0) return -errno;
    /* On the host's side there is no private procfs. */
    if (slot_fd(run, SLOT_PROCFS) < 0) run->slots[SLOT_PROCFS] = proc;
    int error = remount(run, tree, change, recursive);
    if (error < 0) return error;
    int changed CLEANUP_FD = sys_open_tree(tree, "", AT_EMPTY_PATH | AT_RECURSIVE);
    return changed < 0 || dup3(changed, tree, O_CLOEXEC) < 0 ? -errno : 0;
}

/* Only attached mounts can be changed without mount_setattr(2). The tree's descriptor stands for the changed one then. */
static int change_detached(struct run *run, int tree, const struct attributes *change, unsigned recursive)
{
    int status;
    pid_t child = (pid_t)syscall(SYS_clone, (unsigned long)(CLONE_FILES | SIGCHLD), 0, 0, 0, 0);
    if (child == 0) _exit(-change_unseen(run, tree, change, recursive));
    if (child < 0) return -errno;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return -errno;
    }
    return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

int set_attributes(struct run *run, int mount, uint64_t set, uint64_t clear, uint64_t propagation, unsigned recursive)
{
    struct attributes change = {.set = set, .clear = clear, .propagation = propagation};
    if ((set | clear | propagation) == 0 || sys_mount_setattr(mount, recursive, &change) == 0) return 0;
    int error = errno;
    if (!lacks_call(error)) return -error;
    /* On the host's side nothing is attached; in init EINVAL tells. */
    int result = slot_fd(run, SLOT_PROCFS) < 0 ? -EINVAL : remount(run, mount, &change, recursive);
    if (result == -EINVAL) result = change_detached(run, mount, &change, recursive);
    if (result == 0) return 0;
    if (result == -EINVAL) return call_failed(run, error, "mount_setattr (Linux 5.12)");
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
