/* Mounts that are there already. */
#include "run.h"

#include "kernel.h"
#include "root.h"

int op_open_mount(struct run *run, const struct op_open_mount *a)
{
    char buffer[PATH_MAX];
    struct statx top;
    const char *path = text_string(run, &a->target, buffer, sizeof buffer);
    if (path == NULL) return -errno;
    int fd CLEANUP_FD = root_open(run, path, 0);
    if (fd < 0) return fd;
    if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &top) < 0) return -errno;
    /* Linux 5.8; older kernels leave the answer to the operation that follows. */
    if ((top.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0 && (top.stx_attributes & STATX_ATTR_MOUNT_ROOT) == 0) {
        return explain(run, EINVAL, "nothing is mounted there");
    }
    slot_set_fd(run, SLOT_TREE, steal_fd(&fd));
    return 0;
}
