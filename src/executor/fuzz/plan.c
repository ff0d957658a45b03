/*
 * Feeds the plan reader with anything (npm run fuzz). What it accepts is read to the end, as operations would: every
 * text, every list, every byte. A plan that passes the check and then holds something else than it promised aborts.
 */
#include "../plan.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "../clone.h"

#define SMALL 24
#define VECTOR 6

static int null = -1;
static volatile unsigned char sum;

static void expect(bool holds)
{
    if (!holds) abort();
}

static void touch(const unsigned char *data, size_t length)
{
    for (size_t i = 0; i < length; i++) sum = (unsigned char)(sum + data[i]);
}

static void use_text(const struct run *run, const struct text *text)
{
    char small[SMALL], large[PATH_MAX];
    touch(text->data, text->length);
    text_is_empty(text);
    const char *string = text_string(run, text, large, sizeof large);
    if (string != NULL) touch((const unsigned char *)string, strlen(string) + 1);
    string = text_string(run, text, small, sizeof small);
    if (string != NULL && string == small) expect(strlen(string) < sizeof small);
    int result = text_write(run, text, null);
    expect(result == 0 || result == -E2BIG);
}

static void use_list(const struct run *run, const struct list *list)
{
    const char *vector[VECTOR];
    char space[SMALL];
    const unsigned char *position = NULL;
    struct text text;
    uint32_t count = 0;
    touch(list->data, list->length);
    for (; list_next(list, &position, &text); count++) use_text(run, &text);
    expect(count == list->count);
    if (list_vector(run, list, vector, VECTOR, space, sizeof space) != 0) return;
    for (count = 0; vector[count] != NULL; count++) touch((const unsigned char *)vector[count], strlen(vector[count]));
    expect(count == list->count);
}

/* The arguments as the struct op_… that an operation gets. */
static void use_operation(const struct run *run, const struct operation *operation)
{
    expect(operation->kind > 0 && operation->kind < OPERATION_COUNT);
    const struct operation_entry *entry = &operation_table[operation->kind];
    const unsigned char *at = operation->arguments;
    use_text(run, &operation->message);
    for (const char *kind = entry->signature; *kind != '\0'; kind++) {
        struct text text;
        struct list list;
        struct bytes bytes;
        switch (*kind) {
        case 'n':
        case 's': at += sizeof(uint64_t); continue;
        case 't':
            memcpy(&text, at, sizeof text);
            use_text(run, &text);
            break;
        case 'l':
            memcpy(&list, at, sizeof list);
            use_list(run, &list);
            break;
        default:
            memcpy(&bytes, at, sizeof bytes);
            touch(bytes.data, bytes.length);
        }
        at += sizeof text;
    }
    expect(at <= operation->arguments + (entry->size > 1 ? entry->size : 0));
}

static void use_plan(struct run *run)
{
    use_text(run, &run->plan.failure);
    expect(run->plan.failure_status <= 255);
    for (int section = 0; section < SECTION_COUNT; section++) {
        const unsigned char *position = NULL;
        struct operation operation;
        uint32_t count = 0;
        if (run->plan.sections[section].data == NULL) continue;
        for (; plan_next(&run->plan.sections[section], &position, &operation); count++) use_operation(run, &operation);
        expect(count == run->plan.sections[section].operations);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run run = RUN_INITIAL;
    if (null < 0) null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    run.slots[SLOT_PID] = INT64_MIN;
    run.slots[SLOT_START_TIME] = INT64_MAX;
    run.slots[SLOT_STATUS] = STATUS_PAUSED;
    memset(&run.plan, 0, sizeof run.plan);
    if (plan_check(&run.plan, data, size) == 0) use_plan(&run);
    return 0;
}
