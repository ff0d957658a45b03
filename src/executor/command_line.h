/* As much of the command line as is needed before, or without, the planner. */
#ifndef TSOCI_COMMAND_LINE_H
#define TSOCI_COMMAND_LINE_H

#include <limits.h>
#include <stdbool.h>

struct command_line {
    char root[PATH_MAX]; /* of the state directories, absolute */
    const char *log;
    const char *log_format;
    bool debug;
    bool enters_container; /* create, run, exec */
    int stored;            /* SECTION_START … when the command can be carried out without the planner, else 0 */
    const char *id;
    int signal;
    bool force;
};

/*
 * Reads the flags that the front door needs, by the table generated from src/cli. Whatever is not plain is left to the
 * planner, which reads the same arguments again and reports what is wrong with them.
 */
void command_line_read(struct command_line *line, char **argv);

#endif
