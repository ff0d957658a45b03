/* Texts of a plan: literals and slots, read in place. The checks of plan.c make every access here safe. */
#include "run.h"

#include <stdio.h>
#include <string.h>
#include <sys/uio.h>

#define PIECES_MAX 256
#define NUMBER_MAX 24

static uint32_t word(const unsigned char *data)
{
    uint32_t value;
    memcpy(&value, data, sizeof value);
    return value;
}

struct piece {
    uint32_t slot;
    uint32_t length;
    const char *literal;
};

static const unsigned char *piece_read(const unsigned char *position, struct piece *piece)
{
    piece->slot = word(position);
    piece->length = word(position + 4);
    piece->literal = (const char *)position + 8;
    return position + 8 + ((piece->length + 1 + 3) & ~(uint32_t)3);
}

static const char *status_name(int64_t status)
{
    switch (status) {
    case STATUS_CREATED: return "created";
    case STATUS_RUNNING: return "running";
    case STATUS_PAUSED: return "paused";
    default: return "stopped";
    }
}

static size_t slot_string(const struct run *run, uint32_t slot, char buffer[NUMBER_MAX])
{
    static const unsigned char types[SLOT_COUNT] = SLOT_TYPES;
    int length;
    if (types[slot] == SLOT_TYPE_STATUS) length = snprintf(buffer, NUMBER_MAX, "%s", status_name(run->slots[slot]));
    else length = snprintf(buffer, NUMBER_MAX, "%lld", (long long)run->slots[slot]);
    return (size_t)length;
}

const char *text_string(const struct run *run, const struct text *text, char *buffer, size_t size)
{
    const unsigned char *position = text->data;
    struct piece piece;
    if (text->pieces == 1) {
        piece_read(position, &piece);
        if (piece.slot == 0) return piece.literal;
    }
    size_t used = 0;
    for (uint32_t i = 0; i < text->pieces; i++) {
        position = piece_read(position, &piece);
        char number[NUMBER_MAX];
        const char *from = piece.slot == 0 ? piece.literal : number;
        size_t length = piece.slot == 0 ? piece.length : slot_string(run, piece.slot, number);
        if (used + length + 1 > size) {
            errno = ENAMETOOLONG;
            return NULL;
        }
        memcpy(buffer + used, from, length);
        used += length;
    }
    buffer[used] = '\0';
    return buffer;
}

int text_write(const struct run *run, const struct text *text, int fd)
{
    struct iovec vector[PIECES_MAX];
    char numbers[PIECES_MAX][NUMBER_MAX];
    const unsigned char *position = text->data;
    size_t total = 0;
    if (text->pieces > PIECES_MAX) return -E2BIG;
    for (uint32_t i = 0; i < text->pieces; i++) {
        struct piece piece;
        position = piece_read(position, &piece);
        if (piece.slot == 0) {
            vector[i] = (struct iovec){(void *)piece.literal, piece.length};
        } else {
            vector[i] = (struct iovec){numbers[i], slot_string(run, piece.slot, numbers[i])};
        }
        total += vector[i].iov_len;
    }
    ssize_t written;
    /* One piece goes by write(2): files of procfs and cgroupfs take one write, and some of them no writev(2). */
    do {
        written = text->pieces == 1 ? write(fd, vector[0].iov_base, vector[0].iov_len)
                                    : writev(fd, vector, (int)text->pieces);
    } while (written < 0 && errno == EINTR);
    if (written < 0) return -errno;
    return (size_t)written == total ? 0 : -EIO;
}

bool text_is_empty(const struct text *text)
{
    const unsigned char *position = text->data;
    for (uint32_t i = 0; i < text->pieces; i++) {
        struct piece piece;
        position = piece_read(position, &piece);
        if (piece.slot != 0 || piece.length > 0) return false;
    }
    return true;
}

bool list_next(const struct list *list, const unsigned char **position, struct text *text)
{
    const unsigned char *at = *position ? *position : list->data;
    if (at >= list->data + list->length) return false;
    *text = (struct text){at + 8, word(at), word(at + 4)};
    *position = text->data + text->length;
    return true;
}

int list_vector(const struct run *run, const struct list *list, const char **vector, size_t count, char *space,
                size_t size)
{
    const unsigned char *position = NULL;
    struct text text;
    size_t used = 0;
    if (list->count + 1 > count) return -E2BIG;
    size_t index = 0;
    while (list_next(list, &position, &text)) {
        const char *string = text_string(run, &text, space + used, size - used);
        if (string == NULL) return -E2BIG;
        if (string == space + used) used += strlen(string) + 1;
        vector[index++] = string;
    }
    vector[index] = NULL;
    return 0;
}
