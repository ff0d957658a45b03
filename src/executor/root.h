/*
 * Paths of the container. Nothing below the slot `rootfs` is ever looked up in another way: links are resolved below
 * it, the last component's too, magic links never; what comes back is a descriptor, and whatever happens to the path
 * afterwards does not matter (CVE-2021-30465, CVE-2024-45310, CVE-2025-52881, CVE-2026-41579, CVE-2026-47766).
 */
#ifndef TSOCI_ROOT_H
#define TSOCI_ROOT_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct run;

enum {
    NO_LINKS = 1,       /* no component may be a symbolic link: -ELOOP */
    MAKE_DIRECTORY = 2, /* make what is missing, with the mode; parents 0755 */
    MAKE_FILE = 4,      /* the same, but the last component becomes an empty file */
    NO_FOLLOW = 8,      /* the last component itself, when it is a symbolic link */
};

/* Opens a path below a directory, O_PATH. A link to a missing file leads to where the file will be made. */
int open_below(int root, const char *path, unsigned how, mode_t mode);

/* All return a descriptor or -errno; O_PATH unless said otherwise. */
int root_open(const struct run *run, const char *path, unsigned how);
/* -ENOTDIR when something else is there. */
int root_directory(const struct run *run, const char *path, mode_t mode, unsigned how);
/* Anything but a directory: -EISDIR. */
int root_file(const struct run *run, const char *path, mode_t mode, unsigned how);
/* Opens the directory of a path, making what is missing, and gives the last component: never "", "." or "..". */
int root_parent(const struct run *run, const char *path, char name[NAME_MAX + 1]);
/* Opens the file of an O_PATH descriptor with other flags, through the private procfs. */
int reopen(const struct run *run, int fd, int flags);

/* Are these one place: the same file, seen through the same mount? */
bool same_place(const struct run *run, int a, int b);

/* --- procfs.c: the private procfs, which no mount of the container can cover ---------------------------------------- */

/* Opens a file of the slot `procfs`, verified to be of this procfs. */
int proc_open(const struct run *run, const char *path, int flags);
/* The root of a procfs? */
bool is_procfs_root(int fd);
bool on_procfs(int fd);
/* The number of the mount that a descriptor was opened on, or -errno. */
int mount_number(const struct run *run, int fd);
/* What the kernel calls a descriptor's file, seen from the root directory of this process. 0 or -errno. */
int path_of(const struct run *run, int fd, char path[PATH_MAX]);

#endif
