/* Ranges of descriptors. */
#include "run.h"

#include <fcntl.h>
#include <sys/resource.h>

#include "kernel.h"

#define RANGE_CLOEXEC 4

/* Without close_range(2): one by one. /proc/self/fd is no way, for in a container it may be anything. */
static int one_by_one(unsigned first, unsigned last, bool on_exec)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    /* A limit that was lowered later leaves higher descriptors open; none of ours are. */
    unsigned most = limit.rlim_max < 1U << 20 ? (unsigned)limit.rlim_max : 1U << 20;
    for (unsigned fd = first; fd <= last && fd < most; fd++) {
        if (on_exec) fcntl((int)fd, F_SETFD, FD_CLOEXEC);
        else close((int)fd);
    }
    return 0;
}

int close_between(unsigned first, unsigned last)
{
    if (sys_close_range(first, last, 0) == 0) return 0;
    return lacks_call(errno) ? one_by_one(first, last, false) : -errno;
}

int close_on_exec_from(unsigned first)
{
    if (sys_close_range(first, ~0U, RANGE_CLOEXEC) == 0) return 0;
    /* EINVAL: Linux 5.9 and 5.10 know the call, and not the flag. */
    return lacks_call(errno) || errno == EINVAL ? one_by_one(first, ~0U, true) : -errno;
}
