/*
 * Mutations that know the format. Changing bytes at random would hardly ever get past the header: its length must be
 * that of the whole, and each length must agree with those around it. So fields are changed where they stand, and whole
 * operations are copied and removed with all lengths kept right.
 */
#include <stdlib.h>
#include <string.h>

#include "../plan.h"

#define HEADER 20 /* magic, fingerprint, length, failure status, sections */
#define FIELDS_MAX 4096

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

/* Offsets of all words of a plan: lengths, counts, kinds and slots; and where operations start. */
struct map {
    size_t fields[FIELDS_MAX], operations[FIELDS_MAX], sections[FIELDS_MAX]; /* sections: of each operation */
    size_t field_count, operation_count;
};

static uint32_t word(const uint8_t *data, size_t at)
{
    uint32_t value;
    memcpy(&value, data + at, sizeof value);
    return value;
}

static size_t padded(size_t length) { return (length + 3) & ~(size_t)3; }

static void put(uint8_t *data, size_t at, uint32_t value) { memcpy(data + at, &value, sizeof value); }

static void note(struct map *map, size_t at)
{
    if (map->field_count < FIELDS_MAX) map->fields[map->field_count++] = at;
}

static size_t map_text(struct map *map, const uint8_t *data, size_t at)
{
    uint32_t pieces = word(data, at + 4);
    note(map, at);
    note(map, at + 4);
    at += 8;
    for (uint32_t i = 0; i < pieces; i++) {
        note(map, at);
        note(map, at + 4);
        at += 8 + padded((size_t)word(data, at + 4) + 1);
    }
    return at;
}

static size_t map_list(struct map *map, const uint8_t *data, size_t at)
{
    uint32_t texts = word(data, at + 4);
    note(map, at);
    note(map, at + 4);
    at += 8;
    for (uint32_t i = 0; i < texts; i++) at = map_text(map, data, at);
    return at;
}

static size_t map_operation(struct map *map, const uint8_t *data, size_t at)
{
    size_t end = at + 8 + word(data, at);
    uint32_t kind = word(data, at + 4);
    note(map, at);
    note(map, at + 4);
    at = map_text(map, data, at + 8);
    for (const char *s = operation_table[kind].signature; *s != '\0'; s++) {
        if (*s == 't') at = map_text(map, data, at);
        if (*s == 'l') at = map_list(map, data, at);
        if (*s == 't' || *s == 'l') continue;
        note(map, at);
        at += *s == 'b' ? 4 + padded(word(data, at)) : 8;
    }
    return end;
}

/* Only of a plan that has been found right. */
static void map_plan(struct map *map, const uint8_t *data)
{
    uint32_t sections = word(data, 16);
    size_t at = HEADER;
    for (size_t field = 8; field < HEADER; field += 4) note(map, field);
    at = map_text(map, data, at);
    for (uint32_t i = 0; i < sections; i++) {
        size_t section = at;
        uint32_t operations = word(data, at + 8);
        for (size_t field = 0; field < 12; field += 4) note(map, at + field);
        at += 12;
        for (uint32_t j = 0; j < operations; j++) {
            if (map->operation_count < FIELDS_MAX) {
                map->sections[map->operation_count] = section;
                map->operations[map->operation_count++] = at;
            }
            at = map_operation(map, data, at);
        }
    }
}

static void change_field(uint8_t *data, size_t size, size_t at)
{
    const uint32_t old = word(data, at);
    const uint32_t values[] = {0, 1, 2, old + 1, old - 1, old + 4, old ^ 0x80000000U, 0x7fffffffU, 0xffffffffU, 0xfffffff7U,
                               (uint32_t)size, (uint32_t)(size - at), (uint32_t)(size - at) - 4, (uint32_t)rand()};
    put(data, at, values[(size_t)rand() % (sizeof values / sizeof values[0])]);
}

/* Copies an operation behind itself, or takes it out; the lengths and counts around it follow. */
static size_t change_operations(uint8_t *data, size_t size, size_t max, size_t at, size_t section, bool copy)
{
    size_t length = 8 + (size_t)word(data, at);
    if (copy && size + length > max) return size;
    if (copy) memmove(data + at + length, data + at, size - at);
    else memmove(data + at, data + at + length, size - at - length);
    int32_t sign = copy ? 1 : -1;
    size = copy ? size + length : size - length;
    put(data, section + 4, word(data, section + 4) + (uint32_t)(sign * (int32_t)length));
    put(data, section + 8, word(data, section + 8) + (uint32_t)sign);
    put(data, 8, (uint32_t)size);
    return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
    static struct map map;
    struct plan plan;
    srand(seed);
    bool right = plan_check(&plan, data, size) == 0;
    if (right && rand() % 4 != 0) {
        map.field_count = map.operation_count = 0;
        map_plan(&map, data);
        size_t pick = map.operation_count > 0 ? (size_t)rand() % map.operation_count : 0;
        if (rand() % 3 == 0 && map.operation_count > 0) {
            return change_operations(data, size, max, map.operations[pick], map.sections[pick], rand() % 2 == 0);
        }
        change_field(data, size, map.fields[(size_t)rand() % map.field_count]);
        return size;
    }
    size = LLVMFuzzerMutate(data, size, max);
    if (size < HEADER || rand() % 8 == 0) return size;
    put(data, 0, PLAN_MAGIC);
    put(data, 4, PLAN_FINGERPRINT);
    put(data, 8, (uint32_t)size);
    return size;
}
