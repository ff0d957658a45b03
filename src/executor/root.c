/* Paths of the container: see root.h. */
#include "root.h"

#include <string.h>

#include "kernel.h"
#include "run.h"

/* As many as the kernel follows. */
#define LINKS_MAX 40
/* Someone who keeps renaming can only make us give up. */
#define TRIES_MAX 64

/*
 * The walk by hand: for what openat2(2) can't do, which is to make what is missing, and for kernels without it. It
 * opens single components without following them and never opens "..", so it can't leave the root, whatever is renamed
 * meanwhile: after ".." it starts again from the root.
 */
struct walk {
    int root, at;
    unsigned how, links;
    mode_t mode;
    char done[PATH_MAX]; /* the directories that lead to `at`, none of them a link */
    char rest[PATH_MAX];
};

static int go_to(struct walk *w, int fd)
{
    if (w->at >= 0) close(w->at);
    w->at = fd;
    return fd < 0 ? -errno : 0;
}

/* Takes the next component off the front of a path; false at the end. */
static int take_component(char *path, char name[NAME_MAX + 1])
{
    size_t skip = strspn(path, "/"), length = strcspn(path + skip, "/");
    if (length == 0) return 0;
    if (length > NAME_MAX) return -ENAMETOOLONG;
    memcpy(name, path + skip, length);
    name[length] = '\0';
    memmove(path, path + skip + length, strlen(path + skip + length) + 1);
    return 1;
}

static int go_to_root(struct walk *w)
{
    w->done[0] = '\0';
    return go_to(w, fcntl(w->root, F_DUPFD_CLOEXEC, 0));
}

static int go_up(struct walk *w)
{
    char path[PATH_MAX], name[NAME_MAX + 1];
    char *slash = strrchr(w->done, '/');
    if (slash != NULL) *slash = '\0';
    memcpy(path, w->done, strlen(w->done) + 1);
    int error = go_to(w, fcntl(w->root, F_DUPFD_CLOEXEC, 0));
    while (error == 0 && take_component(path, name) > 0) {
        error = go_to(w, openat(w->at, name, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC));
    }
    return error;
}

/* Puts the target of a link before the rest of the path. */
static int follow(struct walk *w, int link)
{
    char target[PATH_MAX];
    if ((w->how & NO_LINKS) != 0 || ++w->links > LINKS_MAX) return -ELOOP;
    ssize_t length = readlinkat(link, "", target, sizeof target);
    if (length < 0) return -errno;
    size_t rest = strlen(w->rest);
    if ((size_t)length + 1 + rest + 1 > sizeof w->rest) return -ENAMETOOLONG;
    memmove(w->rest + length + 1, w->rest, rest + 1);
    w->rest[length] = '/';
    memcpy(w->rest, target, (size_t)length);
    return target[0] == '/' ? go_to_root(w) : 0;
}

static bool at_end(const struct walk *w) { return w->rest[strspn(w->rest, "/")] == '\0'; }

static int open_or_make(const struct walk *w, const char *name)
{
    for (int i = 0; i < TRIES_MAX; i++) {
        int fd = openat(w->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0) return fd;
        if (errno != ENOENT || (w->how & (MAKE_DIRECTORY | MAKE_FILE)) == 0) return -errno;
        int made = !at_end(w)                ? mkdirat(w->at, name, 0755)
                   : (w->how & MAKE_FILE) != 0 ? mknodat(w->at, name, S_IFREG | w->mode, 0)
                                               : mkdirat(w->at, name, w->mode);
        if (made < 0 && errno != EEXIST) return -errno;
    }
    return -EAGAIN;
}

/* One component further. */
static int step(struct walk *w, const char *name)
{
    struct stat st;
    if (strcmp(name, ".") == 0) return 0;
    if (strcmp(name, "..") == 0) return go_up(w);
    int fd CLEANUP_FD = open_or_make(w, name);
    if (fd < 0) return fd;
    if (fstat(fd, &st) < 0) return -errno;
    if (S_ISLNK(st.st_mode) && !((w->how & NO_FOLLOW) != 0 && at_end(w))) return follow(w, fd);
    if (!S_ISDIR(st.st_mode) && !at_end(w)) return -ENOTDIR;
    size_t done = strlen(w->done), length = strlen(name);
    if (done + 1 + length + 1 > sizeof w->done) return -ENAMETOOLONG;
    w->done[done] = '/';
    memcpy(w->done + done + 1, name, length + 1);
    return go_to(w, steal_fd(&fd));
}

static int walk(int root, const char *path, unsigned how, mode_t mode)
{
    struct walk w = {.root = root, .at = -1, .how = how, .mode = mode};
    char name[NAME_MAX + 1];
    size_t length = strlen(path);
    if (length >= sizeof w.rest) return -ENAMETOOLONG;
    memcpy(w.rest, path, length + 1);
    int result = go_to_root(&w);
    while (result == 0) {
        result = take_component(w.rest, name);
        if (result <= 0) break;
        result = step(&w, name);
    }
    if (result == 0) return w.at;
    if (w.at >= 0) close(w.at);
    return result;
}

int open_below(int root, const char *path, unsigned how, mode_t mode)
{
    uint64_t resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | ((how & NO_LINKS) != 0 ? RESOLVE_NO_SYMLINKS : 0);
    int error = EAGAIN, flags = O_PATH | ((how & NO_FOLLOW) != 0 ? O_NOFOLLOW : 0);
    /* EAGAIN: something was renamed while the kernel stood at a ".." and it can't tell whether that is still inside. */
    for (int i = 0; i < TRIES_MAX && (error == EAGAIN || error == EINTR); i++) {
        int fd = sys_openat2(root, path[0] == '\0' ? "." : path, flags, resolve);
        if (fd >= 0) return fd;
        error = errno;
    }
    /* No success is remembered: a filter that refuses the call may be loaded at any time. */
    if (lacks_call(error) || (error == ENOENT && (how & (MAKE_DIRECTORY | MAKE_FILE)) != 0)) {
        return walk(root, path, how, mode);
    }
    return -error;
}

int root_open(const struct run *run, const char *path, unsigned how)
{
    return open_below(slot_fd(run, SLOT_ROOTFS), path, how, 0);
}

int root_directory(const struct run *run, const char *path, mode_t mode, unsigned how)
{
    struct stat st;
    int fd CLEANUP_FD = open_below(slot_fd(run, SLOT_ROOTFS), path, how | MAKE_DIRECTORY, mode);
    if (fd < 0) return fd;
    if (fstat(fd, &st) < 0) return -errno;
    return S_ISDIR(st.st_mode) ? steal_fd(&fd) : -ENOTDIR;
}

int root_file(const struct run *run, const char *path, mode_t mode, unsigned how)
{
    struct stat st;
    int fd CLEANUP_FD = open_below(slot_fd(run, SLOT_ROOTFS), path, how | MAKE_FILE, mode);
    if (fd < 0) return fd;
    if (fstat(fd, &st) < 0) return -errno;
    return S_ISDIR(st.st_mode) ? -EISDIR : steal_fd(&fd);
}

int root_parent(const struct run *run, const char *path, char name[NAME_MAX + 1])
{
    char parent[PATH_MAX];
    size_t end = strlen(path);
    while (end > 0 && path[end - 1] == '/') end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/') start--;
    size_t length = end - start;
    if (length > NAME_MAX || start >= sizeof parent) return -ENAMETOOLONG;
    memcpy(name, path + start, length);
    name[length] = '\0';
    if (length == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return -EINVAL;
    memcpy(parent, path, start);
    parent[start] = '\0';
    return root_directory(run, parent, 0755, 0);
}

bool same_place(const struct run *run, int a, int b)
{
    struct stat first, second;
    if (fstat(a, &first) < 0 || fstat(b, &second) < 0) return false;
    if (first.st_ino != second.st_ino || first.st_dev != second.st_dev) return false;
    int number = mount_number(run, a);
    return number >= 0 && number == mount_number(run, b);
}
