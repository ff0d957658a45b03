/*
 * Copying a directory of the container into a new filesystem. Names are only ever used as single components below an
 * open directory, and nothing is opened before it is known to be a plain file.
 */
#include "copy.h"

#include <limits.h>
#include <sys/sendfile.h>
#include <sys/xattr.h>

#include "directory.h"
#include "kernel.h"
#include "root.h"
#include "run.h"

/* Three descriptors each; deeper trees than this are no configuration directories. */
#define DEPTH_MAX 100

static int copy_data(const struct run *run, int source, int to)
{
    int from CLEANUP_FD = reopen(run, source, O_RDONLY | O_NONBLOCK);
    if (from < 0) return from;
    ssize_t count;
    do count = sendfile(to, from, NULL, 1 << 30);
    while (count > 0 || (count < 0 && errno == EINTR));
    return count < 0 ? -errno : 0;
}

static void copy_attributes(const struct run *run, int source, int to)
{
    char names[2048], value[2048];
    int from CLEANUP_FD = reopen(run, source, O_RDONLY | O_NONBLOCK);
    ssize_t length = from < 0 ? -1 : flistxattr(from, names, sizeof names);
    for (char *name = names; length > 0 && name < names + length; name += strlen(name) + 1) {
        ssize_t size = fgetxattr(from, name, value, sizeof value);
        if (size >= 0 && fsetxattr(to, name, value, (size_t)size, 0) < 0) continue; /* as far as the filesystem has them */
    }
}

/* chown(2) takes setuid bits and file capabilities away, so mode and attributes follow it; times come last. */
static int copy_metadata(const struct run *run, int source, int to, const struct stat *st)
{
    const struct timespec times[2] = {st->st_atim, st->st_mtim};
    if (fchown(to, st->st_uid, st->st_gid) < 0 && errno != EINVAL) return -errno;
    if (fchmod(to, st->st_mode & 07777) < 0) return -errno;
    copy_attributes(run, source, to);
    return futimens(to, times) < 0 ? -errno : 0;
}

static int copy_directory(struct run *run, int from, int to, unsigned depth);

/* Links and special files; device nodes are for those who may make them. */
static int copy_node(int source, int to, const char *name, const struct stat *st)
{
    char target[PATH_MAX] = "";
    const struct timespec times[2] = {st->st_atim, st->st_mtim};
    bool link = S_ISLNK(st->st_mode);
    if (link && readlinkat(source, "", target, sizeof target - 1) < 0) return -errno;
    if (link ? symlinkat(target, to, name) < 0 : mknodat(to, name, st->st_mode, st->st_rdev) < 0) {
        return !link && errno == EPERM ? 0 : -errno;
    }
    if (fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 && errno != EINVAL) return -errno;
    return utimensat(to, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static int copy_entry(struct run *run, int from, int to, const char *name, unsigned depth)
{
    struct stat st, parent;
    int source CLEANUP_FD = openat(from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (source < 0) return errno == ENOENT ? 0 : -errno;
    if (fstat(source, &st) < 0 || fstat(from, &parent) < 0) return -errno;
    int error, directory = S_ISDIR(st.st_mode);
    if (!directory && !S_ISREG(st.st_mode)) return copy_node(source, to, name, &st);
    if (directory && mkdirat(to, name, 0700) < 0) return -errno;
    int copy CLEANUP_FD = directory ? openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                                    : openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (copy < 0) return -errno;
    if (!directory) error = copy_data(run, source, copy);
    /* What is mounted below stays out. */
    else error = st.st_dev == parent.st_dev ? copy_directory(run, source, copy, depth + 1) : 0;
    return error < 0 ? error : copy_metadata(run, source, copy, &st);
}

static int copy_directory(struct run *run, int from, int to, unsigned depth)
{
    struct directory entries;
    const struct dirent64 *entry;
    if (depth > DEPTH_MAX) return -ELOOP;
    int list CLEANUP_FD = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (list < 0) return -errno;
    directory_start(&entries, list);
    while ((entry = directory_next(&entries)) != NULL) {
        int error = copy_entry(run, from, to, entry->d_name, depth);
        if (error == 0) continue;
        /* The innermost name is the one that says something. */
        return run->failure.detail[0] != '\0' ? error : explain(run, -error, "copying %s", entry->d_name);
    }
    return entries.error;
}

int copy_contents(struct run *run, int from, int to) { return copy_directory(run, from, to, 0); }
