/*
 * Emptying and removing trees of cgroups, which the kernel lets go of in its own time. Paths are enough here: a cgroup
 * filesystem has no symbolic links, and the paths are the runtime's own.
 */
#include "cgroup.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "directory.h"
#include "freezer.h"
#include "kernel.h"

#define FIRST_PAUSE_US 50
#define LAST_PAUSE_US 50000
#define PATIENCE_US 10000000
#define BATCH 64

/*
 * Appends the name of the next child to the path: 1, 0 when there is none, -errno. No descriptor stays open meanwhile:
 * a container that was given its cgroup can't make a tree that takes too many to be removed.
 */
static int next_child(char path[PATH_MAX], off_t *position)
{
    struct directory directory;
    const struct dirent64 *entry;
    size_t length = strlen(path);
    int fd CLEANUP_FD = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT ? 0 : -errno;
    if (*position != 0 && lseek(fd, *position, SEEK_SET) < 0) return -errno;
    directory_start(&directory, fd);
    while ((entry = directory_next(&directory)) != NULL) {
        if (entry->d_type != DT_DIR) continue;
        *position = entry->d_off;
        if (length + 1 + strlen(entry->d_name) >= PATH_MAX) return -ENAMETOOLONG;
        path[length] = '/';
        strcpy(path + length + 1, entry->d_name);
        return 1;
    }
    return directory.error == -ENOENT ? 0 : directory.error;
}

typedef int visit_function(const char *path, void *context);

/* Visits every cgroup of a tree, children before their parent. */
static int walk(char path[PATH_MAX], visit_function *visit, void *context)
{
    size_t length = strlen(path);
    off_t position = 0;
    int found, result = 0;
    while (result == 0 && (found = next_child(path, &position)) != 0) {
        result = found < 0 ? found : walk(path, visit, context);
        path[length] = '\0';
    }
    return result < 0 ? result : visit(path, context);
}

/* Short at first: a cgroup is mostly free soon after its last process. */
bool pause_growing(struct pause *pause)
{
    if (pause->total >= PATIENCE_US) return false;
    if (pause->next == 0) pause->next = FIRST_PAUSE_US;
    nanosleep(&(struct timespec){.tv_nsec = (long)pause->next * 1000}, NULL);
    pause->total += pause->next;
    pause->next = pause->next * 2 < LAST_PAUSE_US ? pause->next * 2 : LAST_PAUSE_US;
    return true;
}

/* Reads cgroup.procs in pieces: a number at a time, 0 at the end, -errno. */
struct numbers {
    int fd, length, position;
    char buffer[1024];
};

static int read_byte(struct numbers *numbers)
{
    if (numbers->position >= numbers->length) {
        numbers->length = (int)read(numbers->fd, numbers->buffer, sizeof numbers->buffer);
        numbers->position = 0;
        /* A cgroup that is removed meanwhile answers ENODEV. */
        if (numbers->length <= 0) return numbers->length < 0 && errno != ENODEV ? -errno : 0;
    }
    return (unsigned char)numbers->buffer[numbers->position++];
}

static bool next_number(struct numbers *numbers, pid_t *pid)
{
    int byte = read_byte(numbers);
    *pid = 0;
    for (; byte >= '0' && byte <= '9'; byte = read_byte(numbers)) *pid = *pid * 10 + byte - '0';
    return byte == '\n';
}

static int open_processes(const char *path, struct numbers *numbers)
{
    char file[PATH_MAX + 16];
    snprintf(file, sizeof file, "%s/cgroup.procs", path);
    *numbers = (struct numbers){.fd = open(file, O_RDONLY | O_CLOEXEC)};
    return numbers->fd < 0 ? -errno : 0;
}

static int count_processes(const char *path, void *context)
{
    struct numbers numbers;
    pid_t pid;
    int result = open_processes(path, &numbers);
    if (result < 0) return result == -ENOENT ? 0 : result;
    while (next_number(&numbers, &pid)) ++*(unsigned *)context;
    close(numbers.fd);
    return 0;
}

int cgroup_count(char path[PATH_MAX], unsigned *count)
{
    *count = 0;
    return walk(path, count_processes, count);
}

static int remove_one(const char *path, void *context)
{
    (void)context;
    return rmdir(path) < 0 && errno != ENOENT ? -errno : 0;
}

static int remove_tree(struct run *run, char path[PATH_MAX])
{
    struct pause pause = {0};
    int result = remove_one(path, NULL);
    /* EBUSY: there are children, or processes, or the kernel has not let go of them yet. */
    while (result == -EBUSY || result == -ENOTEMPTY) {
        size_t length = strlen(path);
        result = walk(path, remove_one, NULL);
        path[length] = '\0';
        if (result != -EBUSY && result != -ENOTEMPTY) break;
        if (!pause_growing(&pause)) {
            unsigned count = 0;
            walk(path, count_processes, &count);
            return explain(run, EBUSY, "%u processes are left in it", count);
        }
    }
    return result;
}

int op_rmdir_cgroup(struct run *run, const struct op_rmdir_cgroup *a)
{
    char path[PATH_MAX];
    int result = cgroup_join(run, &a->mount, &a->path, path);
    if (result < 0) return result;
    size_t below = cgroup_mount_length(run, &a->mount);
    /* The root of a hierarchy is nobody's to remove. */
    if (path[below] == '\0') return -EINVAL;
    /* Whoever is in it may be about to join its other hierarchies; it is theirs to remove. */
    if (run->foreign_cgroup) return 0;
    result = remove_tree(run, path);
    for (uint64_t i = 0; i < a->parents && result == 0; i++) {
        *strrchr(path, '/') = '\0';
        if (strlen(path) <= below || (rmdir(path) < 0 && errno != ENOENT)) break;
    }
    return result;
}

/* A pid that leaves the list between the two readings may be another process by now: only what is in both is signalled. */
struct batch {
    int count;
    pid_t pids[BATCH];
    int pidfds[BATCH];
};

static void signal_batch(const char *path, struct batch *batch, int number)
{
    struct numbers numbers;
    pid_t pid;
    if (open_processes(path, &numbers) == 0) {
        while (next_number(&numbers, &pid)) {
            for (int i = 0; i < batch->count; i++) {
                if (batch->pids[i] != pid) continue;
                if (batch->pidfds[i] >= 0) sys_pidfd_send_signal(batch->pidfds[i], number);
                else kill(pid, number);
            }
        }
        close(numbers.fd);
    }
    for (int i = 0; i < batch->count; i++) close_fd(&batch->pidfds[i]);
    batch->count = 0;
}

static int signal_processes(const char *path, void *number)
{
    struct numbers numbers;
    struct batch batch = {0};
    pid_t pid;
    int result = open_processes(path, &numbers);
    if (result < 0) return result == -ENOENT ? 0 : result;
    while (next_number(&numbers, &pid)) {
        if (pid == 0) continue; /* of a pid namespace that is not ours to see */
        int pidfd = sys_pidfd_open(pid);
        if (pidfd < 0 && errno == ESRCH) continue;
        batch.pids[batch.count] = pid;
        batch.pidfds[batch.count++] = pidfd;
        if (batch.count == BATCH) signal_batch(path, &batch, *(int *)number);
    }
    if (batch.count > 0) signal_batch(path, &batch, *(int *)number);
    close(numbers.fd);
    return 0;
}

/* Linux 5.14, cgroup v2: the kernel kills the whole tree, and what is forked meanwhile. */
static int kill_by_file(const char *path)
{
    char file[PATH_MAX + 16];
    snprintf(file, sizeof file, "%s/cgroup.kill", path);
    return write_value(AT_FDCWD, file, "1", 1);
}

/* A path that is a mount point holds every process of the machine. */
static int check_no_root(struct run *run, const char *path)
{
    char above[PATH_MAX + 4];
    struct stat self, parent;
    snprintf(above, sizeof above, "%s/..", path);
    if (stat(path, &self) < 0 || stat(above, &parent) < 0) return -errno;
    return self.st_dev == parent.st_dev ? 0 : explain(run, EINVAL, "it is the root of a hierarchy");
}

int op_kill_cgroup(struct run *run, const struct op_kill_cgroup *a)
{
    char path[PATH_MAX];
    struct pause pause = {0};
    int number = SIGKILL;
    if (run->foreign_cgroup) return 0;
    if ((a->flags & KILL_CGROUP_IF_SIGNAL_IS_KILL) != 0 && run->slots[SLOT_SIGNAL] != SIGKILL) return 0;
    int result = cgroup_join(run, &a->path, NULL, path);
    if (result == 0) result = check_no_root(run, path);
    if (result < 0) return result == -ENOENT ? 0 : result;
    for (;;) {
        unsigned left = 0;
        if (kill_by_file(path) < 0) result = walk(path, signal_processes, &number);
        /* v1 delivers no signal to a frozen process. */
        thaw(run, &a->freezer, &a->thaw);
        if (result == 0) result = walk(path, count_processes, &left);
        if (result < 0 || left == 0) return result;
        if (!pause_growing(&pause)) return explain(run, ETIMEDOUT, "%u processes are left", left);
    }
}

int op_signal_cgroup(struct run *run, const struct op_signal_cgroup *a)
{
    char path[PATH_MAX];
    int number = (int)run->slots[SLOT_SIGNAL];
    if (number == SIGKILL) return 0;
    int result = cgroup_join(run, &a->path, NULL, path);
    if (result == 0) result = check_no_root(run, path);
    if (result < 0) return result == -ENOENT ? 0 : result;
    /* Nobody can fork out of the way. What is paused stays so, and gets the signal when it goes on. */
    bool stop = !text_is_empty(&a->freezer) && run->slots[SLOT_STATUS] != STATUS_PAUSED;
    if (stop) result = freeze(run, &(struct freezer){&a->freezer, &a->freeze, &a->settled, &a->frozen, &a->thaw});
    if (result == 0) result = walk(path, signal_processes, &number);
    int thawed = stop ? thaw(run, &a->freezer, &a->thaw) : 0;
    return result < 0 ? result : thawed;
}
