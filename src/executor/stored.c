/* Commands after create: read the stored plan, check it, carry it out. No JavaScript engine runs. */
#include "stored.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "plan.h"
#include "planner.h"

#define ID_MAX 255

/* The characters of runc's ids; "." and ".." name directories. */
static bool is_valid_id(const char *id)
{
    size_t length = strlen(id);
    return length > 0 && length <= ID_MAX && strcmp(id, ".") != 0 && strcmp(id, "..") != 0 &&
           strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.") == length;
}

/* Maps a stored plan and checks it. */
static int load(struct run *run, int directory, const char *name)
{
    int fd CLEANUP_FD = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    return fd < 0 ? -errno : plan_map(&run->plan, fd);
}

#define HALF_MADE_TRIES 10

/* What a `create` that was killed left behind, this build's or another's: what is recorded, or nothing but the directory. */
static int remove_half_made(struct run *run, int directory, const char *root, const char *id)
{
    char path[PATH_MAX];
    struct stat stat;
    int length = snprintf(path, sizeof path, "%s/%s", root, id), result = -ENOTEMPTY;
    if (length >= (int)sizeof path) return -ENAMETOOLONG;
    /* A `create` that is still at it may put something there meanwhile: what undoes it comes first. */
    for (int tries = 0; tries < HALF_MADE_TRIES && result == -ENOTEMPTY; tries++) {
        if (fstatat(directory, STORED_UNDO, &stat, AT_SYMLINK_NOFOLLOW) == 0) {
            result = planner_ask(run, root, PLANNER_UNDO, id);
            return result < 0 ? result : run_section_all(run, SECTION_UNDO);
        }
        result = remove_all(run, path);
    }
    return result;
}

static int missing(struct run *run, enum section section, bool force)
{
    return section == SECTION_DELETE && force ? 0 : say(run, "container does not exist");
}

int stored_run(struct run *run, const char *root, const char *id, enum section section, int signal, bool force)
{
    if (id[0] == '\0') return say(run, "container id cannot be empty");
    if (!is_valid_id(id)) return say(run, "invalid container ID format");
    run->force = force;
    run->slots[SLOT_SIGNAL] = signal;
    /* Of another container, where several are named. */
    run->slots[SLOT_PID] = run->slots[SLOT_START_TIME] = 0;
    run->failure_sections = 0;
    run->foreign_cgroup = false;
    int parent CLEANUP_FD = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int directory CLEANUP_FD = parent < 0 ? -1 : openat(parent, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (directory < 0) {
        if (errno == ENOENT || errno == ENOTDIR) return missing(run, section, force);
        return explain(run, errno, "open %s/%s", root, id);
    }
    int result = load(run, directory, STORED_COMMANDS);
    /* tsoci was replaced while the container lived: the planner makes the plan again from what is recorded. */
    if (result == -ESTALE) result = planner_ask(run, root, PLANNER_LATER, id);
    if (result < 0 && section == SECTION_DELETE && force) return remove_half_made(run, directory, root, id);
    if (result == -ENOENT) return missing(run, section, force);
    if (result < 0) return result;
    return run_section(run, section);
}

int op_stored(struct run *run, const struct op_stored *a)
{
    char buffer[ID_MAX + 2];
    const char *id = text_string(run, &a->id, buffer, sizeof buffer);
    struct plan own = run->plan;
    if (id == NULL) return -errno;
    int result = stored_run(run, run->root, id, (enum section)a->command, (int)a->signal, (a->flags & STORED_FORCE) != 0);
    if (result < 0 && (a->flags & STORED_WARN) != 0) {
        char text[3 * DETAIL_MAX], line[3 * DETAIL_MAX + ID_MAX + 2];
        failure_text(run, text, sizeof text);
        snprintf(line, sizeof line, "%s: %s", id, text);
        log_line("warning", line);
        result = 0;
    }
    if (run->plan.data != own.data) munmap((void *)run->plan.data, run->plan.length);
    run->plan = own;
    /* What failed has said what it was. */
    run->failure.reported = run->failure.message[0] != '\0' || run->failure.bare;
    return result;
}

int op_claim(struct run *run, const struct op_claim *a)
{
    char buffer[PATH_MAX];
    const char *path = text_string(run, &a->path, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    if (mkdir(path, (mode_t)a->mode) < 0) {
        return errno == EEXIST ? say(run, "container with given ID already exists") : -errno;
    }
    /* The caller's umask must not decide who may look. */
    return chmod(path, (mode_t)a->mode) < 0 ? -errno : 0;
}
