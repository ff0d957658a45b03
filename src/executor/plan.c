/*
 * The plan reader. It distrusts its planner: a length that leads outside, a string without its end, an unknown kind or
 * slot is refused before the first effect. src/executor/fuzz/plan.c feeds it with anything.
 */
#define DEFINE_OPERATION_TABLE
#include "plan.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

struct cursor {
    const unsigned char *at;
    const unsigned char *end;
    bool bad;
};

static size_t left(const struct cursor *c) { return (size_t)(c->end - c->at); }

static uint32_t read_word(struct cursor *c)
{
    uint32_t value;
    if (c->bad || left(c) < sizeof value) {
        c->bad = true;
        return 0;
    }
    memcpy(&value, c->at, sizeof value);
    c->at += sizeof value;
    return value;
}

static const unsigned char *read_bytes(struct cursor *c, size_t length)
{
    if (c->bad || left(c) < length) {
        c->bad = true;
        return c->at;
    }
    const unsigned char *start = c->at;
    c->at += length;
    return start;
}

static uint64_t read_number(struct cursor *c)
{
    uint64_t value = 0;
    const unsigned char *bytes = read_bytes(c, sizeof value);
    if (!c->bad) memcpy(&value, bytes, sizeof value);
    return value;
}

/* Operations use such a number as an index without looking. */
static bool holds_descriptor(uint64_t slot)
{
    static const unsigned char types[SLOT_COUNT] = SLOT_TYPES;
    return slot < SLOT_COUNT && types[slot] == SLOT_TYPE_DESCRIPTOR;
}

static size_t padded(size_t length) { return (length + 3) & ~(size_t)3; }

static void check_piece(struct cursor *c)
{
    static const unsigned char types[SLOT_COUNT] = SLOT_TYPES;
    uint32_t slot = read_word(c);
    uint32_t length = read_word(c);
    /* Compared before adding 1: a length of 2^32-1 must not wrap (CVE-2021-43784 was such a wrap). */
    if (c->bad || length >= left(c)) {
        c->bad = true;
        return;
    }
    const unsigned char *bytes = read_bytes(c, padded((size_t)length + 1));
    if (slot >= SLOT_COUNT || (slot != 0 && (types[slot] == SLOT_TYPE_NONE || length != 0))) c->bad = true;
    /* The literal ends with the only NUL in it: texts become C strings. */
    if (!c->bad && memchr(bytes, '\0', (size_t)length + 1) != bytes + length) c->bad = true;
}

static struct text read_text(struct cursor *c)
{
    struct text text = {0};
    text.length = read_word(c);
    text.pieces = read_word(c);
    text.data = read_bytes(c, text.length);
    struct cursor inner = {text.data, text.data + text.length, c->bad};
    if (c->bad) return text;
    for (uint32_t i = 0; i < text.pieces && !inner.bad; i++) check_piece(&inner);
    if (inner.bad || inner.at != inner.end || text.pieces == 0) c->bad = true;
    return text;
}

static struct list read_list(struct cursor *c)
{
    struct list list = {0};
    list.length = read_word(c);
    list.count = read_word(c);
    list.data = read_bytes(c, list.length);
    struct cursor inner = {list.data, list.data + list.length, c->bad};
    if (c->bad) return list;
    for (uint32_t i = 0; i < list.count && !inner.bad; i++) read_text(&inner);
    if (inner.bad || inner.at != inner.end) c->bad = true;
    return list;
}

static struct bytes read_blob(struct cursor *c)
{
    struct bytes bytes = {0};
    bytes.length = read_word(c);
    bytes.data = read_bytes(c, padded(bytes.length));
    return bytes;
}

/* Lays the arguments out as the struct op_… of the operation: its members are 8-byte aligned and have no gaps. */
static void read_arguments(struct cursor *c, const char *signature, unsigned char *out, size_t size)
{
    unsigned char *end = out + size;
    for (; *signature != '\0' && !c->bad; signature++) {
        union {
            uint64_t number;
            struct text text;
            struct list list;
            struct bytes bytes;
        } value = {0};
        size_t width = sizeof value.text;
        switch (*signature) {
        case 'n':
        case 's':
            width = sizeof value.number;
            value.number = read_number(c);
            if (*signature == 's' && !holds_descriptor(value.number)) c->bad = true;
            break;
        case 't': value.text = read_text(c); break;
        case 'l': value.list = read_list(c); break;
        default: value.bytes = read_blob(c); break;
        }
        if ((size_t)(end - out) < width) {
            c->bad = true;
            return;
        }
        memcpy(out, &value, width);
        out += width;
    }
}

static void read_operation(struct cursor *c, struct operation *operation)
{
    uint32_t length = read_word(c);
    operation->kind = read_word(c);
    const unsigned char *start = read_bytes(c, length);
    if (operation->kind == 0 || operation->kind >= OPERATION_COUNT) c->bad = true;
    if (c->bad) return;
    const struct operation_entry *entry = &operation_table[operation->kind];
    if (entry->size > sizeof operation->arguments) {
        c->bad = true;
        return;
    }
    struct cursor inner = {start, start + length, false};
    operation->message = read_text(&inner);
    read_arguments(&inner, entry->signature, operation->arguments, sizeof operation->arguments);
    if (inner.bad || inner.at != inner.end) c->bad = true;
}

bool plan_next(const struct section_view *section, const unsigned char **position, struct operation *operation)
{
    if (section->data == NULL) return false;
    struct cursor c = {*position ? *position : section->data, section->data + section->length, false};
    if (c.at == c.end) return false;
    read_operation(&c, operation);
    *position = c.at;
    return !c.bad;
}

static void check_section(struct plan *plan, struct cursor *c)
{
    uint32_t number = read_word(c);
    struct section_view view = {0};
    view.length = read_word(c);
    view.operations = read_word(c);
    view.data = read_bytes(c, view.length);
    if (c->bad || number == 0 || number >= SECTION_COUNT || plan->sections[number].data != NULL) {
        c->bad = true;
        return;
    }
    struct cursor inner = {view.data, view.data + view.length, false};
    struct operation operation;
    for (uint32_t i = 0; i < view.operations && !inner.bad; i++) read_operation(&inner, &operation);
    if (inner.bad || inner.at != inner.end) c->bad = true;
    plan->sections[number] = view;
}

int plan_check(struct plan *plan, const unsigned char *data, size_t length)
{
    struct plan result = {.data = data, .length = (uint32_t)length};
    if (length > PLAN_LENGTH_LIMIT) return -EPROTO;
    struct cursor c = {data, data + length, false};
    if (read_word(&c) != PLAN_MAGIC) return -EPROTO;
    if (read_word(&c) != PLAN_FINGERPRINT) return -ESTALE;
    if (read_word(&c) != length) return -EPROTO;
    result.failure_status = read_word(&c);
    uint32_t sections = read_word(&c);
    result.failure = read_text(&c);
    for (uint32_t i = 0; i < sections && !c.bad; i++) check_section(&result, &c);
    if (c.bad || c.at != c.end || result.failure_status > 255) return -EPROTO;
    *plan = result;
    return 0;
}

int plan_map(struct plan *plan, int fd)
{
    struct stat stat;
    if (fstat(fd, &stat) < 0) return -errno;
    if (stat.st_size == 0) return -EPROTO;
    void *data = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    return data == MAP_FAILED ? -errno : plan_check(plan, data, (size_t)stat.st_size);
}
