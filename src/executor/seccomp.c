/* Loading the seccomp filter, and handing over its listener. */
#include "run.h"
#include "sync.h"

#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>

#define NOT_YET INT_MIN

/* Returns the listener's descriptor, 0 without one, or -errno. */
static int load(const struct op_seccomp *a)
{
    struct sock_fprog program = {(unsigned short)(a->filter.length / sizeof(struct sock_filter)),
                                 (struct sock_filter *)a->filter.data};
    if (a->filter.length / sizeof(struct sock_filter) > 0xffff) return -E2BIG;
    int result = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, a->flags, &program);
    return result < 0 ? -errno : result;
}

struct handover {
    int sync;
    atomic_int listener;
    atomic_int messenger; /* the thread's id, which the kernel makes 0 when it has ended */
    int result;
};

static int send_listener(void *argument)
{
    struct handover *handover = argument;
    struct message message = {.type = MESSAGE_DESCRIPTOR, .subject = SLOT_SECCOMP_LISTENER};
    const struct timespec moment = {.tv_nsec = 20000};
    /* init does not sleep while it waits: a thread of the same real-time priority might never run beside it. */
    sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
    while (atomic_load(&handover->listener) == NOT_YET) nanosleep(&moment, NULL);
    if (handover->listener >= 0) handover->result = sync_send(handover->sync, &message, handover->listener);
    return 0;
}

/*
 * From the moment when the filter is loaded any call of init may wait for an answer, and nobody has the listener yet.
 * So a second thread sends it, which is there before the filter, and until it has ended init makes no call at all.
 */
static int load_with_listener(struct run *run, const struct op_seccomp *a)
{
    static _Alignas(16) char stack[32768];
    struct handover handover = {.sync = run->sync, .listener = NOT_YET};
    int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_SYSVSEM | CLONE_THREAD | CLONE_PARENT_SETTID |
                CLONE_CHILD_CLEARTID;
    if (clone(send_listener, stack + sizeof stack, flags, &handover, &handover.messenger, NULL, &handover.messenger) < 0) {
        return explain(run, errno, "start a thread that hands over the listener");
    }
    int result = load(a);
    atomic_store(&handover.listener, result);
    while (atomic_load(&handover.messenger) != 0) continue;
    return result < 0 ? result : handover.result;
}

int op_seccomp(struct run *run, const struct op_seccomp *a)
{
    return (a->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0 ? load_with_listener(run, a) : load(a);
}
