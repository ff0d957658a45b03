/* Arguments of operations, as they lie in the plan: pointers into one read-only buffer, nothing copied. */
#ifndef TSOCI_VALUES_H
#define TSOCI_VALUES_H

#include <stdint.h>

/* Pieces of text: each a literal, or a slot whose value is inserted. Literals end in NUL. */
struct text {
    const unsigned char *data;
    uint32_t length;
    uint32_t pieces;
};

struct list {
    const unsigned char *data;
    uint32_t length;
    uint32_t count;
};

struct bytes {
    const unsigned char *data;
    uint32_t length;
    uint32_t unused;
};

#endif
