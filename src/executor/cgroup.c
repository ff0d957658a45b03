/* Making cgroups. */
#include "cgroup.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

/* Another tsoci may remove a parent that is empty for a moment. */
#define MAKE_TRIES 100

static bool is_denied(int result) { return result == -EPERM || result == -EACCES || result == -EROFS; }

/* Returns the length without the newline at the end, or -errno. */
static int read_value(int directory, const char *name, char *buffer, size_t size)
{
    int fd CLEANUP_FD = openat(directory, name, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, buffer, size - 1);
    if (length < 0) return -errno;
    while (length > 0 && buffer[length - 1] == '\n') length--;
    buffer[length] = '\0';
    return (int)length;
}

int write_value(int directory, const char *name, const char *value, size_t length)
{
    int fd CLEANUP_FD = openat(directory, name, O_WRONLY | O_CLOEXEC);
    return fd < 0 || write(fd, value, length) < 0 ? -errno : 0;
}

static bool has_word(const char *words, const char *word, size_t length)
{
    for (const char *at = words; *at != '\0'; at += strspn(at, " ")) {
        size_t this = strcspn(at, " ");
        if (this == length && memcmp(at, word, length) == 0) return true;
        at += this;
    }
    return false;
}

int cgroup_join(const struct run *run, const struct text *mount, const struct text *path, char out[PATH_MAX])
{
    char mount_buffer[PATH_MAX], path_buffer[PATH_MAX];
    const char *first = text_string(run, mount, mount_buffer, sizeof mount_buffer);
    const char *second = path == NULL ? "" : text_string(run, path, path_buffer, sizeof path_buffer);
    if (first == NULL || second == NULL) return -ENAMETOOLONG;
    int length = snprintf(out, PATH_MAX, "%s%s%s", first, second[0] == '\0' || second[0] == '/' ? "" : "/", second);
    if (length >= PATH_MAX) return -ENAMETOOLONG;
    if (out[0] != '/') return -EINVAL;
    while (length > 1 && out[length - 1] == '/') out[--length] = '\0';
    for (const char *at = strstr(out, "/.."); at != NULL; at = strstr(at + 1, "/..")) {
        if (at[3] == '/' || at[3] == '\0') return -EINVAL;
    }
    return 0;
}

size_t cgroup_mount_length(const struct run *run, const struct text *mount)
{
    char buffer[PATH_MAX];
    const char *string = text_string(run, mount, buffer, sizeof buffer);
    size_t length = string == NULL ? 0 : strlen(string);
    while (length > 1 && string[length - 1] == '/') length--;
    return length;
}

static int check_empty(struct run *run, char path[PATH_MAX])
{
    char words[96];
    unsigned count = 0;
    int result = cgroup_count(path, &count);
    if (result < 0 || count == 0) return result;
    run->foreign_cgroup = true;
    snprintf(words, sizeof words, "container's cgroup is not empty: %u process(es) found", count);
    return say(run, words);
}

/*
 * Two creates at the same time would both find it empty. The lock is held until the runtime ends: by then the processes
 * of its container are there for others to see.
 */
static int lock_cgroup(struct run *run, const char *path)
{
    int fd CLEANUP_FD = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        steal_fd(&fd);
        return 0;
    }
    if (errno != EWOULDBLOCK) return -errno;
    run->foreign_cgroup = true;
    return say(run, "container's cgroup is not empty: another container is being created in it");
}

/* Without cpus and memory nodes of its own a v1 cpuset takes no process. */
static int inherit_cpuset(int parent, int child)
{
    static const char *const names[] = {"cpuset.cpus", "cpuset.mems"};
    char value[4096];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        int length = read_value(child, names[i], value, sizeof value);
        if (length != 0) {
            if (length < 0) return length;
            continue;
        }
        length = read_value(parent, names[i], value, sizeof value);
        if (length < 0) return length;
        int result = write_value(child, names[i], value, (size_t)length);
        if (result < 0) return result;
    }
    return 0;
}

static int explain_controller(struct run *run, int directory, int error, const char *name, size_t length,
                              const char *path)
{
    char available[1024];
    int count = (int)length;
    int known = read_value(directory, "cgroup.controllers", available, sizeof available);
    if (known == -ENOENT) return -ENOENT; /* the cgroup is gone */
    if (known >= 0 && !has_word(available, name, length)) {
        return explain(run, EOPNOTSUPP, "controller %.*s is not available in %s", count, name, path);
    }
    if (error == EBUSY) {
        return explain(run, EBUSY, "controller %.*s can't be enabled below %s, which has processes of its own", count,
                       name, path);
    }
    return explain(run, error, "controller %.*s can't be enabled in %s", count, name, path);
}

/* controllers: "+cpu +memory". One at a time, to tell which one is refused. */
static int enable(struct run *run, int directory, const char *controllers, const char *path)
{
    char enabled[1024];
    int result = read_value(directory, "cgroup.subtree_control", enabled, sizeof enabled);
    if (result < 0) return result;
    for (const char *word = controllers; *word != '\0'; word += strspn(word, " ")) {
        size_t length = strcspn(word, " ");
        if (length > 1 && !has_word(enabled, word + 1, length - 1)) {
            result = write_value(directory, "cgroup.subtree_control", word, length);
            if (result < 0) return explain_controller(run, directory, -result, word + 1, length - 1, path);
        }
        word += length;
    }
    return 0;
}

/* From the mount point down; *made tells whether the last directory is new. -ENOENT: one was removed meanwhile. */
static int descend(struct run *run, char path[PATH_MAX], size_t below, const char *controllers, uint64_t flags,
                   bool *made)
{
    char saved = path[below];
    path[below] = '\0';
    int parent CLEANUP_FD = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    path[below] = saved;
    if (parent < 0) return -errno;
    for (size_t start = below + strspn(path + below, "/"); path[start] != '\0'; start += strspn(path + start, "/")) {
        char name[NAME_MAX + 1];
        size_t length = strcspn(path + start, "/");
        if (length > NAME_MAX) return -ENAMETOOLONG;
        memcpy(name, path + start, length);
        name[length] = '\0';
        if (controllers[0] != '\0') {
            char above[PATH_MAX];
            snprintf(above, sizeof above, "%.*s", (int)start - 1, path);
            int result = enable(run, parent, controllers, above);
            if (result < 0) return result;
        }
        *made = mkdirat(parent, name, 0755) == 0;
        if (!*made && errno != EEXIST) return -errno;
        int child CLEANUP_FD = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (child < 0) return -errno;
        int result = (flags & CGROUP_CPUSET) != 0 ? inherit_cpuset(parent, child) : 0;
        if (result < 0) return result;
        close(parent);
        parent = steal_fd(&child);
        start += length;
    }
    return 0;
}

static int make_cgroup(struct run *run, const struct op_cgroup *a, char path[PATH_MAX], bool *made)
{
    char buffer[1024];
    const char *controllers = text_string(run, &a->controllers, buffer, sizeof buffer);
    if (controllers == NULL) return -errno;
    size_t below = cgroup_mount_length(run, &a->mount);
    int result = -ENOENT;
    if ((a->flags & CGROUP_CPUSET) == 0 && controllers[0] == '\0' && path[below] != '\0') {
        /* The common case takes one call: its parent is there. */
        *made = mkdir(path, 0755) == 0;
        if (*made || errno == EEXIST) return 0;
    }
    /* ENODEV: from a file of a cgroup that was removed after the file was opened. */
    for (int i = 0; i < MAKE_TRIES && (result == -ENOENT || result == -ENODEV); i++) {
        result = descend(run, path, below, controllers, a->flags, made);
    }
    return result;
}

int op_cgroup(struct run *run, const struct op_cgroup *a)
{
    char path[PATH_MAX];
    bool made = false;
    int result = cgroup_join(run, &a->mount, &a->path, path);
    if (result == 0) result = make_cgroup(run, a, path, &made);
    if (result == 0 && (a->flags & CGROUP_EMPTY) != 0) result = lock_cgroup(run, path);
    if (result == 0 && !made && (a->flags & CGROUP_EMPTY) != 0) result = check_empty(run, path);
    return is_denied(result) && (a->flags & CGROUP_OPTIONAL) != 0 ? 0 : result;
}

