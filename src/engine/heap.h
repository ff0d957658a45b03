/* The engine's heap: what the build has loaded lies ready in the program, the rest comes from malloc(3). */
#ifndef TSOCI_ENGINE_HEAP_H
#define TSOCI_ENGINE_HEAP_H

#include <stddef.h>

#include "quickjs.h"

/* What the snapshot begins with. */
struct snapshot_header {
    size_t length; /* 0 while the program has no snapshot */
    const void *code;
    JSRuntime *runtime;
    JSContext *context;
    JSValue plan;
};

/* The header of the snapshot; NULL when this program has none and is here to make one. */
struct snapshot_header *snapshot_header(void);

/* While a snapshot is made everything comes from it, one after the other. Returns the header to fill. */
struct snapshot_header *snapshot_begin(void);

/* Writes the snapshot to a file. Returns 0 or -errno. */
int snapshot_write(const char *path);

extern const JSMallocFunctions heap_functions;

#endif
