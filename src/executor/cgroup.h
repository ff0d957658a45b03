/* Trees of cgroups. */
#ifndef TSOCI_CGROUP_H
#define TSOCI_CGROUP_H

#include "run.h"

/* "mount/path" in one buffer; refuses "..". mount_length tells where the part below the mount point starts. */
int cgroup_join(const struct run *run, const struct text *mount, const struct text *path, char out[PATH_MAX]);
size_t cgroup_mount_length(const struct run *run, const struct text *mount);
/* One write(2) to a file below a directory. 0 or -errno. */
int write_value(int directory, const char *name, const char *value, size_t length);
/* How many processes are in the cgroup and below it. The path is a buffer to work in. 0 or -errno. */
int cgroup_count(char path[PATH_MAX], unsigned *count);

/* Waiting for the kernel: starts at {0}; short at first, and false when patience is at its end. */
struct pause {
    uint64_t next, total;
};

bool pause_growing(struct pause *pause);

#endif
