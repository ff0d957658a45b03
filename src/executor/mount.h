/*
 * Mounts by descriptor. Each of these has two ways: the calls of Linux 5.2 and 5.12, which take descriptors, and
 * mount(2) on the private procfs's name of the descriptor.
 */
#ifndef TSOCI_MOUNT_H
#define TSOCI_MOUNT_H

#include <stdbool.h>
#include <stdint.h>

struct run;

/* mount(2) with descriptors for paths: source_fd -1 stands for the text `source`. 0 or -errno. */
int mount_by_name(const struct run *run, int source_fd, const char *source, int target, const char *type,
                  unsigned long flags, const char *data);
/* Mounts a detached (or staged) tree on a descriptor. */
int attach_tree(const struct run *run, int tree, int target);
/* Binds what one descriptor stands for on another; recursive: AT_RECURSIVE or 0. */
int bind_on(const struct run *run, int source, int target, unsigned recursive);
/* What is mounted on top of a descriptor that was opened before: a descriptor or -errno. path: in the container. */
int open_top(const struct run *run, int covered, const char *path);
/* MOUNT_ATTR_* to set and to clear, MS_PRIVATE and the like; recursive: AT_RECURSIVE or 0. */
int set_attributes(struct run *run, int mount, uint64_t set, uint64_t clear, uint64_t propagation, unsigned recursive);
unsigned long mount_flags_of(uint64_t attributes);
/* After mounting on a target: when that was the container's root, the new mount is the root from now on. */
int follow_root(struct run *run, int target, int mount);
/* 0, or why a procfs may not be mounted upon. */
int check_target(struct run *run, int target, bool procfs, bool file_allowed);

/* --- mountinfo.c -------------------------------------------------------------------------------------------------- */

struct mount_list {
    int fd;
    unsigned start, end;
    char buffer[1 << 15];
};

struct mount_entry {
    int number, parent;
    bool shared;
    const char *root, *point, *type;
};

/* The next line of a mountinfo file: 1, 0 at the end, -errno. The entry is valid until the next call. */
int next_mount(struct mount_list *list, struct mount_entry *entry);
/* Is a path the directory, or below it? */
bool is_below(const char *path, const char *directory);

#endif
