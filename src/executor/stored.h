/* Commands whose plans were stored by `create`. */
#ifndef TSOCI_STORED_H
#define TSOCI_STORED_H

#include "run.h"

/* The files of a state directory that the executor itself looks for. */
#define STORED_COMMANDS "commands" /* complete containers only: its presence means that the container exists */
#define STORED_UNDO "undo"         /* JSON for the planner, written before the first effect of `create` */

/*
 * Carries out a section of what is stored for a container below a state root. delete with force also removes what a
 * killed `create` left, and is content when there is nothing. Returns 0 or -errno with words.
 */
int stored_run(struct run *run, const char *root, const char *id, enum section section, int signal, bool force);

#endif
