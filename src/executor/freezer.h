/* The freezer of a cgroup: its processes stop, and go on. */
#ifndef TSOCI_FREEZER_H
#define TSOCI_FREEZER_H

#include "run.h"

/* Files, and what is written to or found in them; as in the operation `freeze`. */
struct freezer {
    const struct text *file, *freeze, *settled, *frozen, *thaw;
};

/* Whether a small file contains a word. */
bool file_contains(const char *path, const char *word);
/* Returns when every process has stopped; those that did stop go on when the others do not. 0 or -errno with words. */
int freeze(struct run *run, const struct freezer *freezer);
/* Lets the processes go on. No file: nothing to do. 0 or -errno. */
int thaw(const struct run *run, const struct text *file, const struct text *state);

#endif
