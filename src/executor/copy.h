#ifndef TSOCI_COPY_H
#define TSOCI_COPY_H

struct run;

/* Copies what is in one directory into another, with modes, owners, times and what can be had of extended attributes. */
int copy_contents(struct run *run, int from, int to);

#endif
