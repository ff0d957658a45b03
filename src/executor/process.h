/* The identity of processes. */
#ifndef TSOCI_PROCESS_H
#define TSOCI_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* Field 22 of /proc/PID/stat (clock ticks since boot), 0 when there is no such process; *state is field 3 if not NULL. */
uint64_t process_start_time(pid_t pid, char *state);

#endif
