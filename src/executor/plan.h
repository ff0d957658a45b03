/* Reading and checking plans: src/plan/wire.ts describes the format. */
#ifndef TSOCI_PLAN_H
#define TSOCI_PLAN_H

#include "run.h"

/* Large enough for the arguments of any operation; plan.c asserts it. */
#define ARGUMENTS_MAX 256

struct operation {
    uint32_t kind;
    struct text message;
    _Alignas(8) unsigned char arguments[ARGUMENTS_MAX];
};

/*
 * Checks all of a plan (bounds, terminations, kinds, slots) and fills `plan` with views into it. Returns 0, or -EPROTO
 * for data that is no plan, -ESTALE for a plan of another build. Nothing is executed from a plan that has not passed.
 */
int plan_check(struct plan *plan, const unsigned char *data, size_t length);

/* Maps the plan in a file, read-only and for good, and checks it as plan_check does. Returns 0 or -errno. */
int plan_map(struct plan *plan, int fd);

/* Reads one operation of a checked section; `position` starts at NULL. */
bool plan_next(const struct section_view *section, const unsigned char **position, struct operation *operation);

#endif
