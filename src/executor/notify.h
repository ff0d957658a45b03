/* Readiness of a container, for the service manager that waits for it. */
#ifndef TSOCI_NOTIFY_H
#define TSOCI_NOTIFY_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Takes messages of the container from its socket until one says that it is ready, and passes that on; never waits for one.
 * main_pid: for whom the service manager shall watch. barrier: waits until the manager has read it. True: it was ready.
 */
bool notify_take(int fd, pid_t main_pid, bool barrier);

#endif
