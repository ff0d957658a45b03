/* Watching a container: what it uses, asked for again and again, and when it ran out of memory, until its init ends. */
#include "run.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <time.h>

#include "clone.h"
#include "planner.h"

#define QUESTION_MAX 8

struct memory_watch {
    const char *file; /* where the kernel tells of a lack of memory; "" where it does not */
    const char *key;  /* v2: the counter in it */
    uint64_t count;   /* of that counter, so far */
    int fd;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* v1: the kernel adds to an eventfd, once for each time, and once more when the cgroup is removed. */
static int watch_by_eventfd(const char *file, const char *control)
{
    char line[32];
    int event CLEANUP_FD = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int watched CLEANUP_FD = open(file, O_RDONLY | O_CLOEXEC);
    int registry CLEANUP_FD = open(control, O_WRONLY | O_CLOEXEC);
    if (event < 0 || watched < 0 || registry < 0) return -errno;
    int length = snprintf(line, sizeof line, "%d %d", event, watched);
    return write(registry, line, (size_t)length) == length ? steal_fd(&event) : -errno;
}

/* v2: the file is modified. */
static int watch_by_inotify(const char *file)
{
    int fd CLEANUP_FD = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (fd < 0 || inotify_add_watch(fd, file, IN_MODIFY) < 0) return -errno;
    return steal_fd(&fd);
}

static int watch_memory(struct memory_watch *w, const char *control)
{
    if (w->file[0] == '\0') return 0;
    w->count = read_counter(w->file, w->key);
    int fd = control[0] != '\0' ? watch_by_eventfd(w->file, control) : watch_by_inotify(w->file);
    if (fd < 0) return fd;
    w->fd = fd;
    return 0;
}

/* Whether memory ran out since the last time. */
static bool ran_out(struct memory_watch *w)
{
    char events[1024];
    ssize_t length = w->fd < 0 ? -1 : read(w->fd, events, sizeof events);
    if (length <= 0 || access(w->file, F_OK) < 0) return false;
    if (w->key[0] == '\0') return true;
    uint64_t before = w->count;
    w->count = read_counter(w->file, w->key);
    return w->count > before;
}

/* The planner answers with a plan that prints. */
static int ask(struct run *run, char **question)
{
    static struct run inner;
    inner = (struct run)RUN_INITIAL;
    int result = planner_run(&inner, run->root, question, false);
    if (result == 0) result = run_section(&inner, SECTION_HOST);
    run->failure = inner.failure;
    if (inner.plan.data != NULL) munmap((void *)inner.plan.data, inner.plan.length);
    if (inner.plan_fd >= 0) close(inner.plan_fd);
    planner_reap();
    return result;
}

static int watch(struct run *run, const struct op_events *a, struct memory_watch *w, char **question)
{
    int64_t next = now_ms() + (int64_t)a->interval;
    for (;;) {
        int64_t now = now_ms(), left = next > now ? next - now : 0;
        struct pollfd watched[] = {{slot_fd(run, SLOT_CONTAINER), POLLIN, 0}, {w->fd, POLLIN, 0}};
        int ready = poll(watched, 2, left < INT_MAX ? (int)left : INT_MAX);
        if (ready < 0 && errno != EINTR) return -errno;
        int result = ran_out(w) ? text_write(run, &a->event, STDOUT_FILENO) : 0;
        if (result < 0 || (ready > 0 && watched[0].revents != 0)) return result;
        if (now_ms() < next) continue;
        result = ask(run, question);
        /* It may have ended meanwhile: then there is nothing to tell any more. */
        watched[0].revents = 0;
        if (result < 0) return poll(watched, 1, 0) > 0 ? 0 : result;
        next = (next > now ? next : now) + (int64_t)a->interval;
    }
}

int op_events(struct run *run, const struct op_events *a)
{
    char file_buffer[PATH_MAX], control_buffer[PATH_MAX], key_buffer[64], space[2 * PATH_MAX];
    const char *question[QUESTION_MAX];
    const char *control = text_string(run, &a->control, control_buffer, sizeof control_buffer);
    struct memory_watch w = {.fd = -1};
    w.file = text_string(run, &a->file, file_buffer, sizeof file_buffer);
    w.key = text_string(run, &a->key, key_buffer, sizeof key_buffer);
    if (w.file == NULL || control == NULL || w.key == NULL) return -ENAMETOOLONG;
    int result = list_vector(run, &a->question, question, QUESTION_MAX, space, sizeof space);
    if (result == 0) result = watch_memory(&w, control);
    if (result == 0) result = watch(run, a, &w, (char **)question);
    close_fd(&w.fd);
    return result;
}
