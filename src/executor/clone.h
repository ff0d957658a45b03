/* The processes that a plan makes. */
#ifndef TSOCI_CLONE_H
#define TSOCI_CLONE_H

#include "run.h"

/* argv[0] of the sealed copy, whose arguments are: socket, plan, section. */
#define CHILD_NAME "tsoci:init"

#define RUN_INITIAL                                                                                                    \
    {                                                                                                                  \
        .slots = {[0 ... SLOT_COUNT - 1] = -1}, .sync = -1, .plan_fd = -1, .self_fd = -1, .terminal_peer = -1,         \
        .wait_status = -1, .caller_directory = -1                                                                                              \
    }

/* A sealed in-memory copy of the running program, or -errno. */
int copy_self(void);
/* Seals a memfd against every change. 0 or -errno. */
int seal(int fd);
int child_main(char **argv);
/* Runs a section as a child: failures go to the other side. Returns the exit status. */
int run_child_section(struct run *run, enum section section);

#endif
