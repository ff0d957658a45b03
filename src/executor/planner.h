/* The TypeScript planner, seen from the front door. */
#ifndef TSOCI_PLANNER_H
#define TSOCI_PLANNER_H

#include "run.h"

/*
 * Starts the planner with the state root and the command line, reads its plan into sealed memory and checks it.
 * enters_container: the sealed copy of this program is made meanwhile. Fills run->plan, run->plan_fd, run->self_fd.
 * Returns 0 or -errno with words.
 */
int planner_run(struct run *run, const char *root, char **argv, bool enters_container);
/* The questions about a container that another build made, or that is half made (src/cli/questions.ts). */
#define PLANNER_LATER "?later" /* the plan that `create` stored */
#define PLANNER_UNDO "?undo"   /* a plan with the section undo */
/* Asks the planner one of them. Fills run->plan. 0 or -errno with words. */
int planner_ask(struct run *run, const char *root, const char *question, const char *id);
/*
 * Asks the planner where the entry stands that a failure of this command line names. Returns 0 and the line with the
 * position appended, or -errno.
 */
int planner_locate(const char *root, char **argv, const char *line, char *located, size_t size);
/* Reaps the planner, which was told to end when its plan was complete. */
void planner_reap(void);

#endif
