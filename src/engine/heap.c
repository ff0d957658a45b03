/*
 * Starting an engine and loading the planner takes longer than planning. So the build does both once, with all memory from
 * one array that the linker puts at a fixed address, and links the program a second time with what the array then held. The
 * kernel maps it with the program and copies the pages that are written to. Pointers stay true: to the array because its
 * address is fixed, to functions because the program is not relocated and its code is the same in both links.
 */
#include "heap.h"

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 16

/* Of the build (src/build/engine.ts): zeros in the first link, its contents in the second. */
extern unsigned char snapshot[], snapshot_end[];

static size_t used; /* bytes of the snapshot, while it is made; else 0 */

/* Before each block of the snapshot. */
struct block {
    size_t size;
    char padding[ALIGNMENT - sizeof(size_t)];
};

static bool in_snapshot(const void *pointer)
{
    return (const unsigned char *)pointer >= snapshot && (const unsigned char *)pointer < snapshot_end;
}

static size_t usable_size(const void *pointer)
{
    if (in_snapshot(pointer)) return ((const struct block *)pointer - 1)->size;
    return malloc_usable_size((void *)pointer);
}

static void *allocate(void *opaque, size_t size)
{
    (void)opaque;
    if (used == 0) return malloc(size);
    size_t rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (rounded < size || rounded + sizeof(struct block) > (size_t)(snapshot_end - snapshot) - used) return NULL;
    struct block *block = (struct block *)(snapshot + used);
    block->size = rounded;
    used += sizeof *block + rounded;
    return block + 1;
}

static void *allocate_zeroed(void *opaque, size_t count, size_t size)
{
    if (used == 0) return calloc(count, size);
    /* The array is zeros, and nothing of it is given out twice. */
    return size != 0 && count > SIZE_MAX / size ? NULL : allocate(opaque, count * size);
}

static void release(void *opaque, void *pointer)
{
    (void)opaque;
    if (!in_snapshot(pointer)) free(pointer);
}

static void *reallocate(void *opaque, void *pointer, size_t size)
{
    if (pointer != NULL && !in_snapshot(pointer)) return realloc(pointer, size);
    size_t old = pointer == NULL ? 0 : usable_size(pointer);
    if (size == 0) return NULL;
    if (size <= old) return pointer;
    void *larger = allocate(opaque, size);
    if (larger != NULL && old > 0) memcpy(larger, pointer, old);
    return larger;
}

const JSMallocFunctions heap_functions = {allocate_zeroed, allocate, release, reallocate, usable_size};

struct snapshot_header *snapshot_header(void)
{
    struct snapshot_header *header = (struct snapshot_header *)snapshot;
    if (header->length == 0) return NULL;
    if (header->code != (const void *)snapshot_header) abort(); /* the two links differ */
    return header;
}

struct snapshot_header *snapshot_begin(void)
{
    used = (sizeof(struct snapshot_header) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    return (struct snapshot_header *)snapshot;
}

int snapshot_write(const char *path)
{
    struct snapshot_header *header = (struct snapshot_header *)snapshot;
    header->code = (const void *)snapshot_header;
    header->length = used;
    FILE *file = fopen(path, "w");
    if (file == NULL) return -errno;
    bool written = fwrite(snapshot, 1, used, file) == used;
    return fclose(file) == 0 && written ? 0 : -EIO;
}
