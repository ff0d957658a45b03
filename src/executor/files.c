/* Files of the host: paths of the runtime and of its caller, never a container's. They are looked up plainly. */
#include "run.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "directory.h"

#ifndef NSFS_MAGIC
#define NSFS_MAGIC 0x6e736673
#endif

/* A plan that nests deeper than its own state directory is none of ours. */
#define REMOVE_DEPTH 32
#define JOINED_MAX 16384

static bool is_denied(int result) { return result == -EPERM || result == -EACCES || result == -EROFS; }

int make_parents(const char *path, mode_t mode)
{
    char buffer[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof buffer) return -ENAMETOOLONG;
    memcpy(buffer, path, length + 1);
    for (char *slash = strchr(buffer + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(buffer, mode) < 0 && errno != EEXIST) return -errno;
        *slash = '/';
    }
    return 0;
}

static int check_directory(struct run *run, const char *path, bool owned)
{
    int fd CLEANUP_FD = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC | (owned ? O_NOFOLLOW : 0));
    struct stat stat;
    if (fd < 0 || fstat(fd, &stat) < 0) return -errno;
    if (!owned) return 0;
    if (stat.st_uid != geteuid() && stat.st_uid != 0) return explain(run, EPERM, "it belongs to uid %u", stat.st_uid);
    if ((stat.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return explain(run, EPERM, "its mode %04o lets others write to it", stat.st_mode & 07777);
    }
    return 0;
}

static int make_directory(struct run *run, const char *path, const struct op_mkdir *a)
{
    int result = mkdir(path, (mode_t)a->mode) < 0 ? -errno : 0;
    if (result == -ENOENT && (a->flags & MKDIR_PARENTS) != 0) {
        result = make_parents(path, (mode_t)a->mode);
        if (result == 0) result = mkdir(path, (mode_t)a->mode) < 0 ? -errno : 0;
    }
    if (result != -EEXIST || (a->flags & MKDIR_EXIST_OK) == 0) return result;
    return check_directory(run, path, (a->flags & MKDIR_OWNED) != 0);
}

int op_mkdir(struct run *run, const struct op_mkdir *a)
{
    char buffer[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    mode_t mask = umask(0);
    int result = make_directory(run, path, a);
    umask(mask);
    return is_denied(result) && (a->flags & MKDIR_OPTIONAL) != 0 ? 0 : result;
}

int write_text(struct run *run, const struct text *text, int fd, bool kernel_file)
{
    char buffer[JOINED_MAX];
    const char *joined = text_string(run, text, buffer, sizeof buffer);
    if (joined == NULL) return text_write(run, text, fd);
    size_t length = strlen(joined);
    ssize_t written = write(fd, joined, length);
    if (written == (ssize_t)length) return 0;
    int error = written < 0 ? errno : EIO;
    if (kernel_file) return explain(run, error, "the value \"%.*s\"", (int)strcspn(joined, "\n"), joined);
    return -error;
}

static int write_bytes(const struct bytes *bytes, int fd)
{
    for (size_t done = 0; done < bytes->length;) {
        ssize_t written = write(fd, bytes->data + done, bytes->length - done);
        if (written < 0 && errno != EINTR) return -errno;
        if (written > 0) done += (size_t)written;
    }
    return 0;
}

/* Writes text, or bytes where there is no text, beside the file and renames: nobody ever reads a half of it. */
static int replace(struct run *run, const char *path, mode_t mode, const struct text *text, const struct bytes *bytes)
{
    char temporary[PATH_MAX];
    struct stat stat;
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    /* The caller names this file: renaming over /dev/null would take it away from the whole host. */
    if (lstat(path, &stat) == 0 && !S_ISREG(stat.st_mode) && !S_ISLNK(stat.st_mode)) {
        return explain(run, EINVAL, "it is not a regular file");
    }
    int directory = (int)(name - path);
    int length = snprintf(temporary, sizeof temporary, "%.*s.%.200s.tsoci-%d", directory, path, name, getpid());
    if (length >= (int)sizeof temporary) return -ENAMETOOLONG;
    /* One with our pid was left behind by a process that is gone. */
    unlink(temporary);
    int fd CLEANUP_FD = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0) return -errno;
    int result = text != NULL ? write_text(run, text, fd, false) : write_bytes(bytes, fd);
    if (result == 0 && rename(temporary, path) < 0) result = -errno;
    if (result < 0) unlink(temporary);
    return result;
}

static bool holds_a_value(const char *path)
{
    char buffer[64];
    int fd CLEANUP_FD = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? 0 : read(fd, buffer, sizeof buffer - 1);
    if (length <= 0) return false;
    buffer[length] = '\0';
    return strspn(buffer, " \t\n") < (size_t)length;
}

static int write_file(struct run *run, const char *path, const struct op_write *a)
{
    if ((a->flags & WRITE_UNLESS_SET) != 0 && holds_a_value(path)) return 0;
    if ((a->flags & WRITE_REPLACE) != 0) return replace(run, path, (mode_t)a->mode, &a->data, NULL);
    bool create = (a->flags & (WRITE_CREATE | WRITE_EXCLUSIVE)) != 0;
    int flags = O_WRONLY | O_CLOEXEC | O_NOCTTY;
    if (create) flags |= O_CREAT;
    if ((a->flags & WRITE_EXCLUSIVE) != 0) flags |= O_EXCL;
    if ((a->flags & WRITE_APPEND) != 0) flags |= O_APPEND;
    else if (create) flags |= O_TRUNC;
    int fd CLEANUP_FD = open(path, flags, (mode_t)a->mode);
    return fd < 0 ? -errno : write_text(run, &a->data, fd, !create);
}

int op_write(struct run *run, const struct op_write *a)
{
    char buffer[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    mode_t mask = umask(0);
    int result = write_file(run, path, a);
    umask(mask);
    bool ignored = is_denied(result) || result == -ENOENT;
    return ignored && (a->flags & WRITE_OPTIONAL) != 0 ? 0 : result;
}

int op_write_descriptor(struct run *run, const struct op_write_descriptor *a)
{
    return text_write(run, &a->data, slot_fd(run, a->slot));
}

int op_store(struct run *run, const struct op_store *a)
{
    char buffer[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    mode_t mask = umask(0);
    int result = replace(run, path, 0600, NULL, &a->data);
    umask(mask);
    return result;
}

/* st_dev is not enough: two mounts of one filesystem share it. statx(2) tells only from Linux 5.8 on. */
static long mount_id(int fd)
{
    char text[512];
    snprintf(text, sizeof text, "/proc/self/fdinfo/%d", fd);
    int file CLEANUP_FD = open(text, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
    if (length < 0) return -1;
    text[length] = '\0';
    const char *line = strstr(text, "mnt_id:");
    return line == NULL ? -1 : strtol(line + strlen("mnt_id:"), NULL, 10);
}

static bool same_mount(int a, int b)
{
    long id = mount_id(a);
    return id >= 0 && id == mount_id(b);
}

static int remove_entry(struct run *run, int parent, const char *name, int depth);

static int remove_entries(struct run *run, int fd, int depth)
{
    struct directory directory;
    const struct dirent64 *entry;
    directory_start(&directory, fd);
    while ((entry = directory_next(&directory)) != NULL) {
        int result = remove_entry(run, fd, entry->d_name, depth);
        if (result < 0) return result;
    }
    /* Somebody else removes it, too. */
    return directory.error == -ENOENT ? 0 : directory.error;
}

static int remove_entry(struct run *run, int parent, const char *name, int depth)
{
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) return 0;
    /* POSIX says EPERM for a directory, Linux EISDIR. */
    if (errno != EISDIR && errno != EPERM) return -errno;
    if (depth == 0) return explain(run, ELOOP, "%s is nested too deeply", name);
    int fd CLEANUP_FD = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOTDIR) return -EPERM;
    if (fd < 0) return errno == ENOENT ? 0 : -errno;
    int above CLEANUP_FD = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (above < 0) return errno == ENOENT ? 0 : -errno;
    if (!same_mount(above, fd)) return explain(run, EBUSY, "%s is a mount point", name);
    int result = remove_entries(run, fd, depth - 1);
    if (result < 0) return result;
    return unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

int remove_all(struct run *run, const char *path) { return remove_entry(run, AT_FDCWD, path, REMOVE_DEPTH); }

int op_remove(struct run *run, const struct op_remove *a)
{
    char buffer[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    if ((a->flags & REMOVE_RECURSIVE) != 0) return remove_all(run, path);
    int removed = (a->flags & REMOVE_DIRECTORY) != 0 ? rmdir(path) : unlink(path);
    return removed < 0 && errno != ENOENT ? -errno : 0;
}

int op_chown(struct run *run, const struct op_chown *a)
{
    char buffer[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    if (lchown(path, (uid_t)a->uid, (gid_t)a->gid) == 0) return 0;
    return errno == ENOENT && (a->flags & CHOWN_OPTIONAL) != 0 ? 0 : -errno;
}

int op_open(struct run *run, const struct op_open *a)
{
    char buffer[PATH_MAX];
    struct statfs statfs;
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    bool namespace = (a->flags & OPEN_NAMESPACE) != 0;
    /* Whatever the path of a namespace leads to instead, a fifo for one, must not block us. */
    int fd CLEANUP_FD = open(path, (int)a->open | O_CLOEXEC | O_NOCTTY | (namespace ? O_NONBLOCK : 0));
    if (fd < 0) return -errno;
    if (namespace) {
        if (fstatfs(fd, &statfs) < 0) return -errno;
        if (statfs.f_type != NSFS_MAGIC) return explain(run, EINVAL, "it is not a namespace");
    }
    slot_set_fd(run, a->into, steal_fd(&fd));
    return 0;
}

int op_close(struct run *run, const struct op_close *a)
{
    slot_set_fd(run, a->slot, -1);
    return 0;
}

int op_print(struct run *run, const struct op_print *a)
{
    if (a->descriptor != STDOUT_FILENO && a->descriptor != STDERR_FILENO) return -EINVAL;
    return text_write(run, &a->text, (int)a->descriptor);
}
