/* The entries of a directory, without the heap that opendir(3) takes. */
#ifndef TSOCI_DIRECTORY_H
#define TSOCI_DIRECTORY_H

#include <dirent.h>
#include <string.h>
#include <sys/syscall.h>

#include "run.h"

struct directory {
    int fd; /* belongs to the caller */
    int error;
    long position;
    long length;
    _Alignas(struct dirent64) char buffer[2048];
};

static inline void directory_start(struct directory *directory, int fd)
{
    directory->fd = fd;
    directory->error = 0;
    directory->position = directory->length = 0;
}

/* The next entry but . and ..; NULL at the end, and when directory->error is -errno. */
static inline const struct dirent64 *directory_next(struct directory *directory)
{
    for (;;) {
        if (directory->position >= directory->length) {
            directory->length = syscall(SYS_getdents64, directory->fd, directory->buffer, sizeof directory->buffer);
            directory->position = 0;
            if (directory->length < 0) directory->error = -errno;
            if (directory->length <= 0) return NULL;
        }
        const struct dirent64 *entry = (const void *)(directory->buffer + directory->position);
        directory->position += entry->d_reclen;
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) return entry;
    }
}

#endif
