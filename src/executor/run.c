/* Carrying out the sections of a plan, and what happens when an operation fails. */
#include "run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "plan.h"

int explain(struct run *run, int error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(run->failure.detail, sizeof run->failure.detail, format, arguments);
    va_end(arguments);
    return -error;
}

void slot_set_fd(struct run *run, uint64_t slot, int fd)
{
    int old = (int)run->slots[slot];
    if (old >= 0 && old != fd) close(old);
    run->slots[slot] = fd;
}

/* Undoing must not lose the failure that made it necessary; its own failures are appended to it. */
static void undo(struct run *run)
{
    struct failure first = run->failure;
    uint64_t sections = run->failure_sections;
    run->failure_sections = 0;
    static const struct {
        uint64_t flag;
        enum section section;
    } order[] = {
        {ON_FAILURE_SECTIONS_UNDO, SECTION_UNDO},
        {ON_FAILURE_SECTIONS_POSTSTOP, SECTION_POSTSTOP},
        {ON_FAILURE_SECTIONS_ABANDON, SECTION_ABANDON},
    };
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if ((sections & order[i].flag) == 0 || run_section_all(run, order[i].section) == 0) continue;
        char line[3 * DETAIL_MAX];
        failure_text(run, line, sizeof line);
        size_t used = strlen(first.detail);
        snprintf(first.detail + used, sizeof first.detail - used, "%s[while undoing: %s]", used > 0 ? " " : "", line);
    }
    run->failure = first;
}

static int execute(struct run *run, struct operation *operation)
{
    memset(&run->failure, 0, offsetof(struct failure, message) + 1);
    run->failure.detail[0] = '\0';
    int result = operation_table[operation->kind].execute(run, operation->arguments);
    if (result == 0) return 0;
    /* A failure that came from the other side brings its own words. */
    if (!run->failure.reported) {
        const char *message =
            text_string(run, &operation->message, run->failure.message, sizeof run->failure.message);
        if (message != NULL && message != run->failure.message) {
            snprintf(run->failure.message, sizeof run->failure.message, "%s", message);
        }
        run->failure.error = -result;
    }
    return result;
}

static int run_operations(struct run *run, enum section section, bool every)
{
    const unsigned char *position = NULL;
    struct operation operation;
    enum section outer = run->section;
    struct failure first = {0};
    int result = 0;
    run->section = section;
    while (plan_next(&run->plan.sections[section], &position, &operation)) {
        int failed = execute(run, &operation);
        if (failed == 0) continue;
        if (result == 0) {
            result = failed;
            first = run->failure;
        }
        if (!every) break;
        memset(&run->failure, 0, sizeof run->failure);
    }
    run->section = outer;
    if (result != 0) run->failure = first;
    return result;
}

int run_section(struct run *run, enum section section)
{
    int result = run_operations(run, section, false);
    if (result != 0 && run->failure_sections != 0) undo(run);
    return result;
}

int run_section_all(struct run *run, enum section section) { return run_operations(run, section, true); }

void failure_text(const struct run *run, char *buffer, size_t size)
{
    char words[128], prefix[DETAIL_MAX];
    const struct failure *f = &run->failure;
    const char *start = text_string(run, &run->plan.failure, prefix, sizeof prefix);
    if (start == NULL) start = "";
    const char *separator = start[0] != '\0' ? ": " : "";
    error_words(f->error, words, sizeof words);
    if (f->bare) snprintf(buffer, size, "%s%s%s", start, separator, f->detail);
    else if (f->error == ECANCELED) snprintf(buffer, size, "%s%s%s: %s", start, separator, f->message, f->detail);
    else if (f->detail[0] != '\0') snprintf(buffer, size, "%s%s%s: %s: %s", start, separator, f->message, f->detail, words);
    else snprintf(buffer, size, "%s%s%s: %s", start, separator, f->message, words);
}

int call_failed(struct run *run, int error, const char *call)
{
    return error == ENOSYS || error == EPERM ? explain(run, error, "%s is not to be had here", call) : -error;
}

int say(struct run *run, const char *text)
{
    snprintf(run->failure.detail, sizeof run->failure.detail, "%s", text);
    run->failure.bare = true;
    return -ECANCELED;
}

int op_on_failure(struct run *run, const struct op_on_failure *a)
{
    run->failure_sections = a->sections;
    return 0;
}

int op_replay(struct run *run, const struct op_replay *a)
{
    return run_operations(run, (enum section)a->section, (a->flags & REPLAY_EVERY) != 0);
}

int op_warn(struct run *run, const struct op_warn *a)
{
    char buffer[DETAIL_MAX];
    const char *message = text_string(run, &a->message, buffer, sizeof buffer);
    if (message == NULL) return -errno;
    log_line("warning", message);
    return 0;
}

int op_fail(struct run *run, const struct op_fail *a)
{
    char buffer[DETAIL_MAX];
    const char *message = text_string(run, &a->message, buffer, sizeof buffer);
    if (message == NULL) return -errno;
    run->plan.failure_status = (uint32_t)a->status;
    return say(run, message);
}
