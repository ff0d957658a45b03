/* Pausing and resuming. */
#include "freezer.h"

#include <fcntl.h>
#include <string.h>

#include "cgroup.h"

#define STATE_MAX 64

bool file_contains(const char *path, const char *word)
{
    char content[1024];
    int fd CLEANUP_FD = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t length = read(fd, content, sizeof content - 1);
    if (length <= 0) return false;
    content[length] = '\0';
    return strstr(content, word) != NULL;
}

static int write_state(const struct run *run, const struct text *file, const struct text *state)
{
    char file_buffer[PATH_MAX], state_buffer[STATE_MAX];
    const char *path = text_string(run, file, file_buffer, sizeof file_buffer);
    const char *value = text_string(run, state, state_buffer, sizeof state_buffer);
    if (path == NULL || value == NULL) return -ENAMETOOLONG;
    return path[0] == '\0' ? 0 : write_value(AT_FDCWD, path, value, strlen(value));
}

int thaw(const struct run *run, const struct text *file, const struct text *state) { return write_state(run, file, state); }

int freeze(struct run *run, const struct freezer *f)
{
    char settled_buffer[PATH_MAX], frozen_buffer[STATE_MAX];
    struct pause pause = {0};
    const char *settled = text_string(run, f->settled, settled_buffer, sizeof settled_buffer);
    const char *frozen = text_string(run, f->frozen, frozen_buffer, sizeof frozen_buffer);
    if (settled == NULL || frozen == NULL) return -ENAMETOOLONG;
    for (;;) {
        /* Again each time: v1 overlooks processes that were about to stop, or were forked meanwhile. */
        int result = write_state(run, f->file, f->freeze);
        if (result < 0) return result;
        if (file_contains(settled, frozen)) return 0;
        if (pause_growing(&pause)) continue;
        thaw(run, f->file, f->thaw);
        return explain(run, ETIMEDOUT, "some processes do not stop");
    }
}

int op_freeze(struct run *run, const struct op_freeze *a)
{
    return freeze(run, &(struct freezer){&a->freezer, &a->freeze, &a->settled, &a->frozen, &a->thaw});
}

int op_thaw(struct run *run, const struct op_thaw *a) { return thaw(run, &a->freezer, &a->thaw); }
