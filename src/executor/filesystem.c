/* New filesystems. */
#include <stdio.h>
#include <string.h>

#include "copy.h"
#include "kernel.h"
#include "mount.h"
#include "root.h"
#include "run.h"

/* fsconfig(2) takes no longer strings. */
#define VALUE_MAX 255
/* mount(2) cuts longer data off without a word. */
#define DATA_MAX 4095
#define TEXT_MAX 4096

struct filesystem {
    const char *type, *source, *target, *data, *or_bind;
    uint64_t flags, set;
    uint64_t late; /* attributes that wait until the filesystem is filled */
    uint64_t options;
    struct stat covered; /* the directory below, when it was there before */
    bool was_there;
};

static const struct {
    unsigned long flag;
    const char *name;
} superblock_flags[] = {
    {MS_RDONLY, "ro"}, {MS_SYNCHRONOUS, "sync"}, {MS_MANDLOCK, "mand"}, {MS_DIRSYNC, "dirsync"}, {MS_LAZYTIME, "lazytime"},
};
#define SUPERBLOCK_FLAGS (sizeof superblock_flags / sizeof superblock_flags[0])

/* Takes the next option off the front of data. Commas between quotes belong to it: context="system_u:…:c1,c2". */
static const char *next_option(const char **data, size_t *length)
{
    const char *start = *data + strspn(*data, ","), *end = start;
    for (bool quoted = false; *end != '\0' && (quoted || *end != ','); end++) quoted ^= *end == '"';
    *data = end;
    *length = (size_t)(end - start);
    return *length > 0 ? start : NULL;
}

static bool has_option(const char *data, const char *name)
{
    size_t length, wanted = strlen(name);
    for (const char *option; (option = next_option(&data, &length)) != NULL;) {
        if (length >= wanted && strncmp(option, name, wanted) == 0 && (length == wanted || option[wanted] == '=')) return true;
    }
    return false;
}

/* What only mount(2) can say: other flags, long values, subtypes (fuse.sshfs), a filesystem's own way to escape commas. */
static bool needs_mount(const struct filesystem *f)
{
    uint64_t known = 0;
    const char *data = f->data;
    size_t length;
    for (size_t i = 0; i < SUPERBLOCK_FLAGS; i++) known |= superblock_flags[i].flag;
    for (const char *option; (option = next_option(&data, &length)) != NULL;) {
        if (length > VALUE_MAX) return true;
    }
    return (f->flags & ~known) != 0 || strlen(f->source) > VALUE_MAX || strchr(f->type, '.') != NULL ||
           strchr(f->data, '\\') != NULL;
}

/* The kernel says what it did not like as lines "e tmpfs: Unknown parameter 'sze'", one for each read(2). */
static int refused(struct run *run, int fs, const char *option)
{
    int error = errno;
    char line[512];
    if (error == EPERM) return -error; /* another way may be tried */
    for (int i = 0; i < 16; i++) {
        ssize_t length = read(fs, line, sizeof line - 1);
        if (length <= 0) break;
        line[length] = '\0';
        line[strcspn(line, "\n")] = '\0';
        if (length > 2 && line[0] == 'e') return explain(run, error, "%s", line + 2);
    }
    return option[0] == '\0' ? -error : explain(run, error, "option \"%s\"", option);
}

static int set_option(int fs, char *option)
{
    char *value = strchr(option, '=');
    if (value == NULL) return sys_fsconfig(fs, FSCONFIG_SET_FLAG, option, NULL);
    *value++ = '\0';
    size_t length = strlen(value);
    if (length >= 2 && value[0] == '"' && value[length - 1] == '"') {
        value[length - 1] = '\0';
        value++;
    }
    return sys_fsconfig(fs, FSCONFIG_SET_STRING, option, value);
}

static int configure(struct run *run, int fs, const struct filesystem *f)
{
    char option[VALUE_MAX + 1], shown[VALUE_MAX + 1];
    const char *data = f->data, *start;
    size_t length;
    if (f->source[0] != '\0' && sys_fsconfig(fs, FSCONFIG_SET_STRING, "source", f->source) < 0) return refused(run, fs, "source");
    for (size_t i = 0; i < SUPERBLOCK_FLAGS; i++) {
        const char *name = superblock_flags[i].name;
        if ((f->flags & superblock_flags[i].flag) == 0) continue;
        if (sys_fsconfig(fs, FSCONFIG_SET_FLAG, name, NULL) < 0) return refused(run, fs, name);
    }
    while ((start = next_option(&data, &length)) != NULL) {
        memcpy(option, start, length);
        option[length] = '\0';
        memcpy(shown, option, length + 1);
        if (set_option(fs, option) < 0) return refused(run, fs, shown);
    }
    return sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL) < 0 ? refused(run, fs, "") : 0;
}

/* A new tmpfs instead of the directory it covers: with its mode and owner, with what is in it. */
static int fill(struct run *run, int mount, int covered, struct filesystem *f)
{
    const char *data = f->data;
    if ((f->options & MOUNT_OPTIONS_KEEP_MODE) != 0 && f->was_there && !has_option(data, "mode")) {
        /* An owner that this user namespace can't name is not kept. */
        if (!has_option(data, "uid") && fchownat(mount, ".", f->covered.st_uid, (gid_t)-1, 0) < 0 && errno != EINVAL) return -errno;
        if (!has_option(data, "gid") && fchownat(mount, ".", (uid_t)-1, f->covered.st_gid, 0) < 0 && errno != EINVAL) return -errno;
        if (fchmodat(mount, ".", f->covered.st_mode & 07777, 0) < 0) return -errno;
    }
    return (f->options & MOUNT_OPTIONS_COPY_UP) != 0 ? copy_contents(run, covered, mount) : 0;
}

static int open_filesystem(struct run *run, const char *type)
{
    int fs = sys_fsopen(type);
    if (fs < 0 && errno == ENODEV) return explain(run, ENODEV, "the kernel has no filesystem \"%s\"", type);
    return fs < 0 ? -errno : fs;
}

/* A filesystem that is complete before anyone can reach it. */
static int mount_detached(struct run *run, struct filesystem *f, int target)
{
    int fs CLEANUP_FD = open_filesystem(run, f->type);
    if (fs < 0) return fs;
    int error = configure(run, fs, f);
    if (error < 0) return error;
    int mount CLEANUP_FD = sys_fsmount(fs, f->set & ~f->late);
    if (mount < 0) return refused(run, fs, "");
    error = fill(run, mount, target, f);
    if (error == 0) error = attach_tree(run, mount, target);
    /* Before Linux 5.12 only attached mounts can be changed. */
    if (error == 0) error = set_attributes(run, mount, f->late, 0, 0, 0);
    return error < 0 ? error : steal_fd(&mount);
}

int op_filesystem(struct run *run, const struct op_filesystem *a)
{
    char type[256], source[TEXT_MAX];
    struct filesystem f = {
        .type = text_string(run, &a->type, type, sizeof type),
        .source = text_string(run, &a->source, source, sizeof source),
        .data = "",
    };
    if (!f.type || !f.source) return -ENAMETOOLONG;
    int fs CLEANUP_FD = open_filesystem(run, f.type);
    if (fs < 0) return lacks_call(-fs) ? call_failed(run, -fs, "fsopen (Linux 5.2)") : fs;
    int error = configure(run, fs, &f);
    if (error < 0) return error;
    int mount CLEANUP_FD = sys_fsmount(fs, 0);
    if (mount < 0) return refused(run, fs, "");
    slot_set_fd(run, SLOT_TREE, steal_fd(&mount));
    return 0;
}

static int mount_in_place(struct run *run, struct filesystem *f, int target)
{
    if (strlen(f->data) > DATA_MAX) return explain(run, E2BIG, "the filesystem's options are longer than %d bytes", DATA_MAX);
    /* Here MS_RDONLY would be for the superblock too, where others may share it (sysfs, cgroup). */
    f->late |= f->set & MOUNT_ATTR_RDONLY;
    unsigned long flags = f->flags | mount_flags_of(f->set & ~f->late);
    int error = mount_by_name(run, -1, f->source, target, f->type, flags, f->data);
    if (error == -ENODEV) return explain(run, ENODEV, "the kernel has no filesystem \"%s\"", f->type);
    if (error < 0) return error;
    int mount CLEANUP_FD = open_top(run, target, f->target);
    if (mount < 0) return mount;
    error = fill(run, mount, target, f);
    if (error == 0) error = set_attributes(run, mount, f->late, 0, 0, 0);
    return error < 0 ? error : steal_fd(&mount);
}

static int bind_instead(struct run *run, const struct filesystem *f, int target)
{
    int source CLEANUP_FD = open(f->or_bind, O_PATH | O_CLOEXEC);
    if (source < 0) return explain(run, errno, "%s, to be bound instead", f->or_bind);
    int error = bind_on(run, source, target, AT_RECURSIVE);
    if (error < 0) return error;
    int mount CLEANUP_FD = open_top(run, target, f->target);
    if (mount < 0) return mount;
    uint64_t times = MOUNT_ATTR_NOATIME | MOUNT_ATTR_STRICTATIME;
    error = set_attributes(run, mount, f->set, (f->set & times) != 0 ? MOUNT_ATTR__ATIME : 0, 0, AT_RECURSIVE);
    return error < 0 ? error : steal_fd(&mount);
}

static int open_target(struct run *run, struct filesystem *f)
{
    unsigned how = ((f->options & MOUNT_OPTIONS_NO_LINKS) != 0 ? NO_LINKS : 0) |
                   ((f->options & MOUNT_OPTIONS_NO_FOLLOW) != 0 ? NO_FOLLOW : 0);
    int target CLEANUP_FD = root_open(run, f->target, how);
    f->was_there = target >= 0;
    if (target == -ENOENT) target = root_directory(run, f->target, 0755, how);
    if (target == -ELOOP && how != 0) return explain(run, ELOOP, "the mount point must not be reached by a symbolic link");
    if (target < 0) return target;
    if (fstat(target, &f->covered) < 0) return -errno;
    if (!S_ISDIR(f->covered.st_mode)) return explain(run, ENOTDIR, "the mount point must be a directory");
    int error = check_target(run, target, strcmp(f->type, "proc") == 0, false);
    return error < 0 ? error : steal_fd(&target);
}

int op_mount(struct run *run, const struct op_mount *a)
{
    char type[256], source[TEXT_MAX], target_path[TEXT_MAX], data[TEXT_MAX], or_bind[TEXT_MAX];
    struct filesystem f = {
        .type = text_string(run, &a->type, type, sizeof type),
        .source = text_string(run, &a->source, source, sizeof source),
        .target = text_string(run, &a->target, target_path, sizeof target_path),
        .data = text_string(run, &a->data, data, sizeof data),
        .or_bind = text_string(run, &a->or_bind, or_bind, sizeof or_bind),
        .flags = a->flags, .set = a->set, .options = a->options,
    };
    if (!f.type || !f.source || !f.target || !f.data || !f.or_bind) return -ENAMETOOLONG;
    if ((f.options & (MOUNT_OPTIONS_COPY_UP | MOUNT_OPTIONS_KEEP_MODE)) != 0) {
        /* What is to be filled can be read-only only afterwards. */
        if ((f.flags & MS_RDONLY) != 0) f.set |= MOUNT_ATTR_RDONLY;
        f.flags &= ~(uint64_t)MS_RDONLY;
        f.late = f.set & MOUNT_ATTR_RDONLY;
    }
    int target CLEANUP_FD = open_target(run, &f);
    if (target < 0) return target;
    int mount CLEANUP_FD = needs_mount(&f) ? -ENOSYS : mount_detached(run, &f, target);
    if (mount < 0 && lacks_call(-mount)) mount = mount_in_place(run, &f, target);
    if ((mount == -EPERM || mount == -EBUSY) && f.or_bind[0] != '\0') mount = bind_instead(run, &f, target);
    if (mount == -EPERM && run->failure.detail[0] == '\0') {
        return explain(run, EPERM, "a user namespace may not, or only in namespaces that it owns");
    }
    if (mount < 0) return mount;
    int error = follow_root(run, target, mount);
    slot_set_fd(run, SLOT_TREE, steal_fd(&mount));
    return error;
}
